"""The words of this package: what is allowed, what a scanner found, and what server and worker say to each other."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

Extension = Literal["gif", "webp", "png", "jpg"]

UPRIGHT = 1
FIRST_SIDEWAYS = 5  # EXIF orientations 5 to 8 lie on their side

POSTER_SUFFIX = ".poster.part"  # of a poster, beside the draft it was made of


class ImageLimits(msgspec.Struct, frozen=True):
    """How large an image may be once it is decoded, and what decoding it may take."""

    frame_pixels: int = 25_000_000
    all_pixels: int = 100_000_000  # all frames together
    frames: int = 10_000
    memory_bytes: int = 1024 * 1024 * 1024  # address space of the worker
    decode_s: int = 15  # of the processor
    patience_s: float = 60.0  # of the clock: what the server waits on a machine that has much else to do


class Scan(msgspec.Struct, frozen=True):
    """What the blocks of a file say. No pixel was looked at: the image may still be damaged."""

    extension: Extension
    width: int  # as browsers make the canvas; `orientation` may turn it
    height: int
    frames: int  # all that a decoder has to make, the hidden first picture of an animated PNG too
    kept: bytes  # the file without what says more than the image
    still: int | None = None  # of an image that moves: the frame it begins with
    orientation: int = UPRIGHT  # as EXIF 0x0112 counts them
    frame_pixels: int = 0  # of the largest frame, which may be larger than the canvas
    open_at: int | None = None  # of a JPEG without its end mark: where the pixels that it ended in begin in `kept`


class Frame(NamedTuple):
    """One frame as it is stored, and where it lies on the canvas. What a file is taken apart into, to be decoded."""

    left: int
    top: int
    width: int
    height: int
    still: bytes  # a file of its own, as large as the frame; empty when that is nothing


class Examined(msgspec.Struct, frozen=True, tag="examined"):
    """An image that can be shown. All numbers are of the file as it is kept."""

    extension: Extension
    width: int
    height: int
    size_bytes: int
    sha256: bytes
    poster_bytes: int | None  # None: it does not move and has no poster


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A domain error, by its code and its detail."""

    code: str
    detail: Mapping[str, str | int | float]  # an int stays one: people read it


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The disk would not; for the log."""

    reason: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has started and takes images."""


Answer = Ready | Examined | Refused | Failed
