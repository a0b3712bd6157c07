"""What a GIF's blocks say, and which of them stay."""

import io
import struct

import pytest
from PIL import Image, ImageSequence

from realtime.chat.images.gif import Frame, frames, scan
from realtime.chat.images.model import Scan
from realtime.errors import NotAGif
from tests.images import encoded, gif_extension, gif_of, lzw, with_extra

SCREEN = b"GIF89a" + struct.pack("<HH", 3, 2) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
DATA = b"\x02\x02\x44\x01\x00"
CONTROL = gif_extension(0xF9, b"\x04\x0a\x00\x00")
LOOP = gif_extension(0xFF, b"NETSCAPE2.0", b"\x01\x05\x00")
COMMENT = gif_extension(0xFE, b"<script>alert(1)</script>", b"and more")
XMP = gif_extension(0xFF, b"XMP DataXMP", b"<x:xmpmeta>place</x:xmpmeta>")
TEXT = gif_extension(0x01, bytes(12), b"text")


def frame(left: int = 0, top: int = 0, width: int = 1, height: int = 1, data: bytes = DATA) -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + data


def test_a_still_one() -> None:
    whole = SCREEN + frame() + b";"
    assert scan(whole) == Scan("gif", 3, 2, 1, whole)


def test_one_that_moves() -> None:
    whole = SCREEN + LOOP + (CONTROL + frame()) * 4 + b";"
    assert scan(whole) == Scan("gif", 3, 2, 4, whole, still=0)


@pytest.mark.parametrize("extra", [COMMENT, XMP, TEXT, gif_extension(0x99, b"unknown"), gif_extension(0xF9, b"12345")])
@pytest.mark.parametrize("place", range(4))
def test_what_is_not_the_image_goes(extra: bytes, place: int) -> None:
    blocks = [LOOP, CONTROL, frame(), b""]
    whole = SCREEN + b"".join(blocks) + b";"
    blocks.insert(place, extra)
    assert scan(SCREEN + b"".join(blocks) + b";").kept == whole


def test_frames_timing_and_loop_stay() -> None:
    clean = encoded("GIF", frames=3, loop=7, duration=[30, 40, 50], disposal=[1, 2, 3])
    found = scan(with_extra(clean, COMMENT, XMP))
    assert found.kept == clean
    with Image.open(io.BytesIO(found.kept)) as kept:
        assert kept.info["loop"] == 7
        assert [one.info["duration"] for one in ImageSequence.Iterator(kept)] == [30, 40, 50]


def test_a_loop_holds_nothing_else() -> None:
    more = gif_extension(0xFF, b"NETSCAPE2.0", b"\x01\x05\x00", b"\x02secrets")
    assert scan(SCREEN + more + more + frame() + b";").kept == SCREEN + LOOP + frame() + b";"


def test_zeros_between_blocks_go() -> None:
    assert scan(SCREEN + b"\0\0" + frame() + b"\0" * 9 + frame() + b"\0;").kept == SCREEN + frame() * 2 + b";"


def test_a_frame_beside_the_screen_makes_it_larger() -> None:
    found = scan(SCREEN + frame() + frame(10, 20, 5, 6) + b";")
    assert (found.width, found.height) == (15, 26)
    assert found.kept == b"GIF89a" + struct.pack("<HH", 15, 26) + SCREEN[10:] + frame() + frame(10, 20, 5, 6) + b";"


@pytest.mark.parametrize(
    "whole",
    [
        SCREEN + b";",
        SCREEN + CONTROL + b";",
        SCREEN + b"<script>;",
        SCREEN + frame() + b"x;",
        SCREEN + frame(width=0) + b";",
        SCREEN + frame(height=0) + b";",
        SCREEN + frame(data=b"\x00" + DATA[1:]) + b";",
        SCREEN + frame(data=b"\x09" + DATA[1:]) + b";",
        gif_of(1, 0, 10),
        gif_of(1, 10, 0),
        gif_of(1, 0, 0, (0, 0)),
    ],
)
def test_what_makes_no_image_is_refused(whole: bytes) -> None:
    with pytest.raises(NotAGif) as refusal:
        scan(whole)
    assert refusal.value.detail == {"reason": "damaged"}


@pytest.mark.parametrize(
    "data", [b"\x02\x02\x44", b"\x02\xff" + b"D" * 254, b"\x02\x01D\x01D", lzw(b"\x80" * 999)[:-1]]
)
def test_a_chain_of_blocks_that_does_not_end_is_refused(data: bytes) -> None:
    with pytest.raises((NotAGif, IndexError)):
        scan(SCREEN + frame(data=data))


def test_each_frame_becomes_a_gif_of_its_own() -> None:
    colours = b"\x80" + struct.pack("<HH", 2, 1)
    local = b"," + struct.pack("<HHHHB", 1, 1, 2, 1, 0x80) + b"rgbRGB" + DATA
    kept = SCREEN + LOOP + CONTROL + frame(1, 1) + local + b";"
    assert list(frames(kept)) == [
        Frame(1, 1, b"GIF89a" + struct.pack("<HH", 1, 1) + SCREEN[10:] + CONTROL + frame() + b";"),
        Frame(1, 1, b"GIF89a" + colours[1:] + SCREEN[10:] + local.replace(b",\1\0\1\0", b",\0\0\0\0") + b";"),
    ]
