"""A WebP's chunks (RFC 9649). Pure.

Only the pixels, transparency, animation and colour profile are kept. EXIF, XMP and unknown chunks are removed; no
browser applies a WebP's EXIF orientation.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from realtime.chat.images import icc
from realtime.chat.images.model import Frame, Scan
from realtime.errors import NotAGif

HEADER_BYTES = 12  # RIFF, a length, WEBP
FEATURES_BYTES = 10  # VP8X
CONTROL_BYTES = 6  # ANIM
FRAME_BYTES = 16  # ANMF, before the chunks in it
PROFILE_FLAG, ALPHA_FLAG, ANIMATION_FLAG = 0x20, 0x10, 0x02
REPLACE_FLAG, DISPOSE_FLAG = 0x02, 0x01  # of an ANMF
ONCE = b"\x01\x00"  # plays, in ANIM

LOSSLESS = 0x2F
BITSTREAMS = (b"VP8 ", b"VP8L")


class _Chunk(NamedTuple):
    name: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.name + struct.pack("<I", len(self.body)) + self.body + b"\x00" * (len(self.body) & 1)


def is_webp(data: bytes) -> bool:
    """Return whether `data` has a WebP header."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def scan(data: bytes) -> Scan:
    """Parse the chunks up to the end given by the RIFF header. Raises NotAGif when they are invalid."""
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data):
        raise NotAGif(reason="damaged")
    chunks = list(_chunks(data[HEADER_BYTES:end]))
    if not chunks:
        raise NotAGif(reason="damaged")
    if chunks[0].name == b"VP8X":
        return _extended(chunks)
    if chunks[0].name in BITSTREAMS:
        width, height = _size(chunks[0])
        return Scan("webp", width, height, 1, _file([chunks[0]]))
    raise NotAGif(reason="damaged")


def frames(kept: bytes) -> Iterator[Frame]:
    """Yield the frames of a WebP that `scan` returned.

    Frames of an animation have no colour profile, because browsers do not apply it, and always the alpha flag, whatever
    the file declares.
    """
    chunks = list(_chunks(kept[HEADER_BYTES:]))
    if not any(chunk.name == b"ANMF" for chunk in chunks):
        yield Frame(0, 0, *_size(chunks[-1]), kept)
    for chunk in chunks:
        if chunk.name == b"ANMF":
            features = struct.pack("<B3x", ALPHA_FLAG) + chunk.body[6:12]
            pictures = list(_chunks(chunk.body[FRAME_BYTES:]))
            left, top = 2 * _uint24(chunk.body, 0), 2 * _uint24(chunk.body, 3)
            still = _file([_Chunk(b"VP8X", features), *pictures])
            flags = chunk.body[15]
            yield Frame(
                left,
                top,
                *_size(pictures[-1]),
                still,
                delay_ms=_uint24(chunk.body, 12),
                disposal="background" if flags & DISPOSE_FLAG else "keep",
                blends=not flags & REPLACE_FLAG,
            )


def _extended(chunks: list[_Chunk]) -> Scan:
    features = chunks[0].body
    if len(features) != FEATURES_BYTES:
        raise NotAGif(reason="damaged")
    width, height = 1 + _uint24(features, 4), 1 + _uint24(features, 7)
    animated = bool(features[0] & ANIMATION_FLAG)
    iccp = next((chunk.body for chunk in chunks if chunk.name == b"ICCP"), b"")
    profile = icc.profile(iccp) if features[0] & PROFILE_FLAG else b""
    if animated:
        pictures, frames = _animation(chunks, width, height)
    else:
        pictures, frames = _picture(chunks, (width, height)), 1
    flags = features[0] & (ALPHA_FLAG | ANIMATION_FLAG) | (PROFILE_FLAG if profile else 0)
    kept = [
        _Chunk(b"VP8X", bytes((flags, 0, 0, 0)) + features[4:]),
        *([_Chunk(b"ICCP", profile)] if profile else []),
        *pictures,
    ]
    still = 0 if frames > 1 else None
    return Scan(
        "webp", width, height, frames, _file(kept), still=still, repeats=animated and pictures[0].body[4:6] != ONCE
    )


def _animation(chunks: list[_Chunk], width: int, height: int) -> tuple[list[_Chunk], int]:
    """Return the animation's chunks and its number of frames. Of several ANIM chunks, the first counts."""
    control = next((chunk for chunk in chunks if chunk.name == b"ANIM"), None)
    frames = [frame for chunk in chunks if chunk.name == b"ANMF" and (frame := _frame(chunk.body, width, height))]
    if (
        control is None
        or len(control.body) < CONTROL_BYTES
        or not frames
        or any(chunk.name in BITSTREAMS for chunk in chunks)
    ):
        raise NotAGif(reason="damaged")
    return [control._replace(body=control.body[:CONTROL_BYTES]), *frames], len(frames)


def _frame(body: bytes, width: int, height: int) -> _Chunk | None:
    """Return an ANMF chunk without unknown chunks in it; None if it contains no picture.

    The frame's size is that of its bitstream: browsers ignore the one in ANMF.
    """
    left, top = 2 * _uint24(body, 0), 2 * _uint24(body, 3)
    chunks = list(_chunks(body[FRAME_BYTES:], padded=False))
    if len(body) < FRAME_BYTES:
        raise NotAGif(reason="damaged")
    if not any(chunk.name in BITSTREAMS for chunk in chunks):
        return None
    pictures = _picture(chunks)
    frame_width, frame_height = _size(pictures[-1])
    if left + frame_width > width or top + frame_height > height:
        raise NotAGif(reason="damaged")
    sides = struct.pack("<I", frame_width - 1)[:3] + struct.pack("<I", frame_height - 1)[:3]
    header = body[:6] + sides + body[12:FRAME_BYTES]
    return _Chunk(b"ANMF", header + b"".join(chunk.whole for chunk in pictures))


def _picture(chunks: list[_Chunk], size: tuple[int, int] | None = None) -> list[_Chunk]:
    """Return the chunks of the only picture in `chunks`. Raises NotAGif if its size is not `size`."""
    pictures = [chunk for chunk in chunks if chunk.name in BITSTREAMS]
    alphas = [chunk for chunk in chunks if chunk.name == b"ALPH"]
    if len(pictures) != 1 or len(alphas) > 1 or size not in (None, _size(pictures[0])):
        raise NotAGif(reason="damaged")
    # A lossless bitstream includes its alpha channel (RFC 9649 section 2.7.1.2).
    return [*(alphas if pictures[0].name == b"VP8 " else []), pictures[0]]


def _size(chunk: _Chunk) -> tuple[int, int]:
    """Return the width and height in the bitstream (RFC 6386 section 9.1, RFC 9649 section 3.4)."""
    if chunk.name == b"VP8 ":
        tag, start, width, height = struct.unpack_from("<B2x3sHH", chunk.body)
        if tag & 1 or start != b"\x9d\x01\x2a":
            raise NotAGif(reason="damaged")
        size = width & 0x3FFF, height & 0x3FFF
    else:
        signature, bits = struct.unpack_from("<BI", chunk.body)
        if signature != LOSSLESS or bits >> 29:
            raise NotAGif(reason="damaged")
        size = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if not all(size):
        raise NotAGif(reason="damaged")
    return size


def _chunks(data: bytes, *, padded: bool = True) -> Iterator[_Chunk]:
    """Yield the chunks in `data`. A padding byte follows a chunk of odd length, also the last one if `padded`."""
    at = 0
    while at < len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length
        if end + (length & 1 & padded) > len(data):
            raise NotAGif(reason="damaged")
        yield _Chunk(name, data[at + 8 : end])
        at = end + (length & 1)


def _file(chunks: list[_Chunk]) -> bytes:
    body = b"WEBP" + b"".join(chunk.whole for chunk in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _uint24(data: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", data, at)
    return int(low | high << 16)
