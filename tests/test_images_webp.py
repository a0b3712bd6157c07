"""Reading a WebP's chunks, and which of them are kept."""

import io
import struct

import pytest
from PIL import Image, ImageSequence

from realtime.chat.images.model import Scan
from realtime.chat.images.webp import scan
from realtime.errors import NotAGif
from tests.images import encoded, exif, profile, webp_chunk, webp_of, with_extra
from tests.profiles import by_lcms

LOSSY = webp_chunk(b"VP8 ", b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 3, 2) + b"pixels")
LOSSLESS = webp_chunk(b"VP8L", b"\x2f" + struct.pack("<I", 2 | 1 << 14) + b"pixels!")
ALPHA = webp_chunk(b"ALPH", b"\x00transparency")
EXIF, XMP = webp_chunk(b"EXIF", b"a place"), webp_chunk(b"XMP ", b"<x:xmpmeta>place</x:xmpmeta>")
UNKNOWN = webp_chunk(b"ABCD", b"<script>alert(1)</script>")
PROFILE = webp_chunk(b"ICCP", profile())
ANIMATION = webp_chunk(b"ANIM", bytes(6))


def uint24(*numbers: int) -> bytes:
    return b"".join(struct.pack("<I", number)[:3] for number in numbers)


def features(flags: int, width: int = 3, height: int = 2) -> bytes:
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + uint24(width - 1, height - 1))


def frame(*chunks: bytes, left: int = 0, width: int = 3, height: int = 2) -> bytes:
    return webp_chunk(b"ANMF", uint24(left, 0, width - 1, height - 1, 50) + b"\x00" + b"".join(chunks))


@pytest.mark.parametrize("pixels", [LOSSY, LOSSLESS])
def test_a_simple_webp_is_scanned(pixels: bytes) -> None:
    whole = webp_of(pixels)
    assert scan(whole) == Scan("webp", 3, 2, 1, whole)
    assert scan(webp_of(pixels, EXIF, UNKNOWN)).kept == whole


def test_an_extended_webp_is_scanned() -> None:
    whole = webp_of(features(0x30), PROFILE, ALPHA, LOSSY)
    assert scan(whole) == Scan("webp", 3, 2, 1, whole)


def test_an_animated_webp_is_scanned() -> None:
    whole = webp_of(features(0x12), ANIMATION, frame(ALPHA, LOSSY), frame(LOSSLESS))
    assert scan(whole) == Scan("webp", 3, 2, 2, whole, still=0, repeats=True)


def test_data_that_is_not_part_of_the_image_is_removed_with_its_flags() -> None:
    given = webp_of(features(0x3E), PROFILE, UNKNOWN, ANIMATION, frame(ALPHA, UNKNOWN, LOSSY, XMP), EXIF, XMP, UNKNOWN)
    assert scan(given).kept == webp_of(features(0x32), PROFILE, ANIMATION, frame(ALPHA, LOSSY))
    assert scan(webp_of(features(0x10), PROFILE, ALPHA, LOSSY)).kept == webp_of(features(0x10), ALPHA, LOSSY)
    for longer in (profile() + b"secrets", by_lcms()):
        given = webp_of(features(0x20), webp_chunk(b"ICCP", longer), LOSSY)
        assert scan(given).kept == webp_of(features(0x20), PROFILE, LOSSY)
    still = webp_of(features(0x2C), webp_chunk(b"ICCP", b"<script>"), UNKNOWN, LOSSLESS, ALPHA, EXIF, XMP)
    assert scan(still).kept == webp_of(features(0), LOSSLESS)


def test_the_location_is_removed_and_the_frames_are_kept() -> None:
    clean = encoded("WEBP", frames=3, loop=2, duration=[30, 40, 50])
    dirty = encoded("WEBP", frames=3, loop=2, duration=[30, 40, 50], exif=exif(), xmp=b"<x:xmpmeta>place</x:xmpmeta>")
    assert len(dirty) > len(clean) + 100
    found = scan(with_extra(dirty, UNKNOWN))
    assert found.kept == clean
    with Image.open(io.BytesIO(found.kept)) as kept:
        assert kept.info["loop"] == 2
        assert [one.info["duration"] for one in ImageSequence.Iterator(kept) if one.load()] == [30, 40, 50]


@pytest.mark.parametrize("frames", [1, 2])
def test_the_orientation_is_ignored_as_in_browsers(frames: int) -> None:
    assert scan(encoded("WEBP", frames, exif=exif(6))).orientation == 1


@pytest.mark.parametrize("behind", [b"\0" * 9, b"\n", webp_of(LOSSY), b"PK\3\4 an archive"])
def test_data_after_the_image_is_cut_off(behind: bytes) -> None:
    for whole in (webp_of(LOSSY), webp_of(features(2), ANIMATION, frame(LOSSY), frame(LOSSLESS))):
        assert scan(whole + behind) == scan(whole)
        assert scan(whole).kept == whole


def test_of_two_loops_the_first_counts() -> None:
    other = webp_chunk(b"ANIM", bytes(4) + b"\5\0")
    for chunks in ([other, ANIMATION, frame(LOSSY), frame(LOSSY)], [other, frame(LOSSY), ANIMATION, frame(LOSSY)]):
        assert scan(webp_of(features(2), *chunks)).kept == webp_of(features(2), other, frame(LOSSY), frame(LOSSY))
    longer = webp_chunk(b"ANIM", bytes(6) + b"secrets")
    assert scan(webp_of(features(2), longer, frame(LOSSY))).kept == webp_of(features(2), ANIMATION, frame(LOSSY))


def test_the_size_of_a_frame_comes_from_its_pixels() -> None:
    given = webp_of(features(2), ANIMATION, frame(LOSSY, width=1, height=1), frame(LOSSY, width=9, height=9))
    assert scan(given).kept == webp_of(features(2), ANIMATION, frame(LOSSY), frame(LOSSY))


def test_a_frame_without_pixels_is_removed() -> None:
    given = webp_of(features(2), ANIMATION, frame(), frame(LOSSY), frame(UNKNOWN), frame(LOSSLESS))
    assert scan(given).kept == webp_of(features(2), ANIMATION, frame(LOSSY), frame(LOSSLESS))


def test_the_last_chunk_in_a_frame_needs_no_padding() -> None:
    odd = LOSSY[:4] + struct.pack("<I", len(LOSSY) - 8 + 1) + LOSSY[8:] + b"!"
    given = webp_of(features(2), ANIMATION, frame(odd), frame(LOSSY))
    assert scan(given).kept == webp_of(features(2), ANIMATION, frame(odd + b"\0"), frame(LOSSY))


@pytest.mark.parametrize(
    "whole",
    [
        webp_of(),
        webp_of(UNKNOWN, LOSSY),
        webp_of(features(0)),
        webp_of(features(0), LOSSY, LOSSY),
        webp_of(features(0), ALPHA, ALPHA, LOSSY),
        webp_of(features(0, 4, 2), LOSSY),
        webp_of(features(0), frame(LOSSY)),
        webp_of(features(2), frame(LOSSY)),
        webp_of(features(2), ANIMATION),
        webp_of(features(2), webp_chunk(b"ANIM", bytes(4)), frame(LOSSY)),
        webp_of(features(2), ANIMATION, LOSSY),
        webp_of(features(2), ANIMATION, frame(LOSSY), LOSSY),
        webp_of(features(2), ANIMATION, frame()),
        webp_of(features(2), ANIMATION, frame(LOSSY, left=1)),
        webp_of(features(2, 2, 2), ANIMATION, frame(LOSSY, width=1)),
        webp_of(webp_chunk(b"VP8X", bytes(9)), LOSSY),
        webp_of(LOSSY.replace(b"\x9d\x01\x2a", b"\x9d\x01\x2b")),
        webp_of(LOSSY.replace(b"\x00\x00\x00\x9d", b"\x01\x00\x00\x9d")),
        webp_of(LOSSY.replace(struct.pack("<HH", 3, 2), bytes(4))),
        webp_of(LOSSLESS.replace(b"\x2f", b"\x2e")),
        webp_of(LOSSY[:-2]),
        webp_of(features(2), ANIMATION, frame(LOSSY[:-2])),
    ],
)
def test_a_file_without_an_image_is_refused(whole: bytes) -> None:
    with pytest.raises(NotAGif) as refusal:
        scan(whole)
    assert refusal.value.detail == {"reason": "damaged"}
