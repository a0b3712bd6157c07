"""This package's types: the limits, the result of a scan, and the messages between server and worker."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

Extension = Literal["gif", "webp", "png", "jpg"]
Disposal = Literal["keep", "background", "previous"]

UPRIGHT = 1
FIRST_SIDEWAYS = 5  # EXIF orientations 5 to 8 swap width and height

POSTER_SUFFIX = ".poster.part"  # of a draft's poster
CLEAN_SUFFIX = ".clean.part"  # of what replaces a draft


class ImageLimits(msgspec.Struct, frozen=True):
    """The maximum decoded size of an image, and the resources for decoding it."""

    frame_pixels: int = 25_000_000
    all_pixels: int = 100_000_000  # all frames together
    frames: int = 10_000
    memory_bytes: int = 1024 * 1024 * 1024  # address space of the worker
    decode_s: int = 15  # CPU time
    timeout_s: float = 60.0  # wall-clock time, for a busy machine


class Scan(msgspec.Struct, frozen=True):
    """What the blocks of a file say. Its pixels were not decoded and may still be damaged."""

    extension: Extension
    width: int  # of the canvas in browsers, before `orientation` is applied
    height: int
    frames: int  # all to be decoded, including the hidden default image of an animated PNG
    kept: bytes  # the file without metadata
    still: int | None = None  # the first frame shown, if the image is animated
    orientation: int = UPRIGHT  # EXIF tag 0x0112
    frame_pixels: int = 0  # of the largest frame, which may be larger than the canvas
    open_at: int | None = None  # in a JPEG without an end marker: where its last entropy-coded data start in `kept`
    repeats: bool = False  # whether its animation plays more than once


class Frame(NamedTuple):
    """One frame as a file of its own, for decoding, and its place on the canvas."""

    left: int
    top: int
    width: int
    height: int
    still: bytes  # an image file of the frame's size; empty if that is zero
    delay_ms: int = 0  # how long it is shown, as the file says it
    disposal: Disposal = "keep"  # what is done with its place before the next one
    blends: bool = True  # over what is there; otherwise it replaces that


class Setup(msgspec.Struct, frozen=True):
    """What the worker is told before the first image."""

    limits: ImageLimits
    folder: str  # of the drafts: the only one that it may use


class Shrink(msgspec.Struct, frozen=True, tag="shrink"):
    """Asks for a stored still image, made small enough for a square of `side` pixels."""

    name: str
    side: int


class Shrunk(msgspec.Struct, frozen=True, tag="shrunk"):
    """A small copy of an image, as WebP."""

    data: bytes


class Examined(msgspec.Struct, frozen=True, tag="examined"):
    """A valid image. All values describe the file after processing."""

    extension: Extension
    width: int
    height: int
    size_bytes: int
    sha256: bytes
    poster_bytes: int | None  # None: it is not animated and has no poster
    flashes: bool = False  # so fast and large that it must not play by itself


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A domain error: its code and detail."""

    code: str
    detail: Mapping[str, str | int | float]  # integers are not converted to floats: people read them


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """A disk error, to be logged."""

    reason: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has started and accepts images."""

    refused: list[str] = []  # what the system does not let it confine itself by, and why


Answer = Ready | Examined | Shrunk | Refused | Failed
