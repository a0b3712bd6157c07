"""Reading a GIF's blocks, and which of them are kept."""

import io
import struct

import pytest
from PIL import Image, ImageSequence

from realtime.chat.images.gif import frames, scan
from realtime.chat.images.model import Frame, Scan
from realtime.errors import NotAGif
from tests.images import encoded, gif_extension, gif_of, with_extra

SCREEN = b"GIF89a" + struct.pack("<HH", 3, 2) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
DATA = b"\x02\x02\x44\x01\x00"
CONTROL = gif_extension(0xF9, b"\x04\x0a\x00\x00")
LOOP = gif_extension(0xFF, b"NETSCAPE2.0", b"\x01\x05\x00")
COMMENT = gif_extension(0xFE, b"<script>alert(1)</script>", b"and more")
XMP = gif_extension(0xFF, b"XMP DataXMP", b"<x:xmpmeta>place</x:xmpmeta>")
TEXT = gif_extension(0x01, bytes(12), b"text")


def loop(times: int, application: bytes = b"NETSCAPE2.0") -> bytes:
    return gif_extension(0xFF, application, b"\1" + struct.pack("<H", times))


def frame(left: int = 0, top: int = 0, width: int = 1, height: int = 1, data: bytes = DATA) -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + data


def test_a_still_gif_is_scanned() -> None:
    whole = SCREEN + frame() + b";"
    assert scan(whole) == Scan("gif", 3, 2, 1, whole, frame_pixels=1)


def test_an_animated_gif_is_scanned() -> None:
    whole = SCREEN + LOOP + (CONTROL + frame()) * 4 + b";"
    assert scan(whole) == Scan("gif", 3, 2, 4, whole, still=0, frame_pixels=1, repeats=True)


@pytest.mark.parametrize("extra", [COMMENT, XMP, TEXT, gif_extension(0x99, b"unknown"), gif_extension(0xF9, b"12345")])
@pytest.mark.parametrize("place", range(4))
def test_data_that_is_not_part_of_the_image_is_removed(extra: bytes, place: int) -> None:
    blocks = [LOOP, CONTROL, frame(), b""]
    whole = SCREEN + b"".join(blocks) + b";"
    blocks.insert(place, extra)
    assert scan(SCREEN + b"".join(blocks) + b";").kept == whole


def test_frames_timing_and_loop_are_kept() -> None:
    clean = encoded("GIF", frames=3, loop=7, duration=[30, 40, 50], disposal=[1, 2, 3])
    found = scan(with_extra(clean, COMMENT, XMP))
    assert found.kept == clean
    with Image.open(io.BytesIO(found.kept)) as kept:
        assert kept.info["loop"] == 7
        assert [one.info["duration"] for one in ImageSequence.Iterator(kept)] == [30, 40, 50]


@pytest.mark.parametrize(
    ("blocks", "times"),
    [
        ([loop(1), loop(0), frame(), frame()], 0),
        ([loop(0), loop(1), frame(), frame()], 1),
        ([loop(3, b"ANIMEXTS1.0"), frame(), loop(0), frame()], 0),
        ([loop(0), frame(), frame(), loop(4)], 4),
        ([loop(0), CONTROL, loop(7), frame(), frame()], 7),
        ([frame(), frame(), loop(2)], 2),
        # invalid loop counts: a buffer's size, too short, something else
        ([loop(2), gif_extension(0xFF, b"NETSCAPE2.0", b"\2\1\0\0\0"), frame(), frame()], 2),
        ([loop(2), gif_extension(0xFF, b"NETSCAPE2.0", b"\1\5"), frame(), frame()], 2),
        ([loop(2), gif_extension(0xFF, b"NETSCAPE2.0"), frame(), frame()], 2),
        ([loop(2), loop(9, b"netscape2.0"), frame(), frame()], 2),
        ([loop(2), frame(), frame(), b";", loop(9)], 2),
    ],
)
def test_of_several_loops_the_last_counts(blocks: list[bytes], times: int) -> None:
    kept = scan(SCREEN + b"".join(blocks) + b";").kept
    assert [kept.count(app) for app in (b"NETSCAPE2.0", b"ANIMEXTS1.0")] in ([1, 0], [0, 1])
    at = kept.index(b"\x03\x01", len(SCREEN))
    assert struct.unpack_from("<H", kept, at + 2) == (times,)


def test_a_loop_extension_is_reduced_to_its_count() -> None:
    more = gif_extension(0xFF, b"NETSCAPE2.0", b"\x01\x05\x00", b"\x02secrets")
    assert scan(SCREEN + more + more + frame() + b";").kept == SCREEN + LOOP + frame() + b";"


ENDS = [
    b"",
    b";",
    b"\0" * 4000,
    b"\n",
    b";\n",
    b";" + SCREEN + frame() + b";",
    b"PK\3\4 an archive",
    b"\0" + frame() + b";",
]


@pytest.mark.parametrize("end", [*ENDS, COMMENT[:9], b"!", b"!\xfe", XMP[:-1], TEXT[:3]])
def test_a_gif_ends_where_its_blocks_end(end: bytes) -> None:
    """With or without the trailer: at data that begins no block, browsers show what they have so far."""
    whole = SCREEN + LOOP + (CONTROL + frame()) * 2
    assert scan(whole + end).kept == whole + b";"


@pytest.mark.parametrize("missing", [1, 2, 3, len(DATA) - 1])
def test_the_available_part_of_a_truncated_last_frame_is_kept(missing: int) -> None:
    """Whether all pixels are there is checked elsewhere."""
    kept = scan(SCREEN + frame() + frame()[:-missing]).kept
    rest = DATA[2 : len(DATA) - missing]
    assert kept == SCREEN + frame() + frame(data=b"\2" + (bytes([len(rest)]) + rest if rest else b"") + b"\0") + b";"


def test_only_the_first_frame_can_enlarge_the_screen() -> None:
    for first, size in (
        ((10, 20, 5, 6), (15, 26)),
        ((0, 0, 9, 1), (9, 2)),
        ((0, 0, 1, 9), (3, 9)),
        ((1, 1, 1, 1), (3, 2)),
    ):
        whole = frame(*first) + frame(100, 200, 50, 60) + b";"
        found = scan(SCREEN + whole)
        assert (found.width, found.height, found.frame_pixels) == (*size, 3000)
        assert found.kept == b"GIF89a" + struct.pack("<HH", *size) + SCREEN[10:] + whole
    nothing = b"GIF89a" + bytes(4) + SCREEN[10:]
    found = scan(nothing + frame(1, 2) + frame(width=9) + b";")
    assert (found.width, found.height) == (2, 3)


def test_a_frame_without_pixels_is_shown_for_its_time() -> None:
    whole = SCREEN + (CONTROL + frame(width=0)) + (CONTROL + frame()) + (CONTROL + frame(height=0)) + b";"
    assert (scan(whole).kept, scan(whole).frames) == (whole, 3)
    assert [bool(one.still) for one in frames(whole)] == [False, True, False]


@pytest.mark.parametrize(
    "whole",
    [
        SCREEN + b";",
        SCREEN + CONTROL + b";",
        SCREEN + b"<script>;",
        SCREEN + frame(width=0) + b";",
        SCREEN + frame(height=0) + b";",
        SCREEN + frame(data=b"\x00" + DATA[1:]) + b";",
        SCREEN + frame(data=b"\x09" + DATA[1:]) + b";",
        SCREEN + b"\0" + frame() + b";",
        SCREEN + frame() + CONTROL,
        SCREEN + b";" + frame() + b";",
        gif_of(1, 0, 0, (0, 0)),
    ],
)
def test_a_file_without_an_image_is_refused(whole: bytes) -> None:
    with pytest.raises(NotAGif) as refusal:
        scan(whole)
    assert refusal.value.detail == {"reason": "damaged"}


@pytest.mark.parametrize("cut", [frame()[:5], frame()[:10], CONTROL[:5], CONTROL[:-1], CONTROL])
def test_a_file_cut_off_in_a_frame_header_is_refused(cut: bytes) -> None:
    with pytest.raises((NotAGif, IndexError, struct.error)):
        scan(SCREEN + frame() + cut)


def test_each_frame_becomes_a_gif_of_its_own() -> None:
    colours = b"\x80" + struct.pack("<HH", 2, 1)
    local = b"," + struct.pack("<HHHHB", 1, 1, 2, 1, 0x80) + b"rgbRGB" + DATA
    kept = SCREEN + LOOP + CONTROL + frame(1, 1) + local + b";"
    assert list(frames(kept)) == [
        Frame(1, 1, 1, 1, b"GIF89a" + struct.pack("<HH", 1, 1) + SCREEN[10:] + CONTROL + frame() + b";", 100),
        Frame(1, 1, 2, 1, b"GIF89a" + colours[1:] + SCREEN[10:] + local.replace(b",\1\0\1\0", b",\0\0\0\0") + b";"),
    ]
