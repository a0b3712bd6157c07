"""What a PNG's chunks say, and which of them stay."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageSequence, PngImagePlugin

from realtime.chat.images.model import Scan
from realtime.chat.images.png import SIGNATURE, check_pixels, scan
from realtime.errors import NotAGif
from tests.images import encoded, exif, png_chunk, profile, with_extra

HEADER = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0))
PIXELS = png_chunk(b"IDAT", zlib.compress(bytes(8)))
END = png_chunk(b"IEND", b"")
STILL = SIGNATURE + HEADER + PIXELS + END


def announced(frames: int) -> bytes:
    return png_chunk(b"acTL", struct.pack(">II", frames, 0))


def control(number: int, width: int = 3, height: int = 2, left: int = 0) -> bytes:
    return png_chunk(b"fcTL", struct.pack(">5IHHBB", number, width, height, left, 0, 1, 10, 0, 0))


def data(number: int) -> bytes:
    return png_chunk(b"fdAT", struct.pack(">I", number) + zlib.compress(bytes(8)))


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + HEADER + b"".join(chunks) + END


def test_a_still_one() -> None:
    assert scan(STILL) == Scan("png", 3, 2, 1, STILL)


def test_one_that_moves() -> None:
    whole = png(announced(2), control(0), PIXELS, control(1), data(2), data(3))
    assert scan(whole) == Scan("png", 3, 2, 2, whole, still=0)


def test_a_picture_for_who_knows_no_animation_is_decoded_but_is_not_the_poster() -> None:
    whole = png(announced(2), PIXELS, control(0), data(1), control(2), data(3))
    assert scan(whole) == Scan("png", 3, 2, 3, whole, still=1)


def test_an_animation_of_one_frame_does_not_move() -> None:
    assert scan(png(announced(1), control(0), PIXELS)).still is None


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"hIST", b"sPLT", b"prVt", b"vpAg"])
def test_what_is_not_the_image_goes(name: bytes) -> None:
    extra = png_chunk(name, b"Comment\x00<script>alert(1)</script>")
    assert scan(png(extra, PIXELS, extra)).kept == STILL


@pytest.mark.parametrize("name", [b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"pHYs"])
def test_how_the_colours_are_meant_stays(name: bytes) -> None:
    whole = png(png_chunk(name, b"1234"), PIXELS)
    assert scan(whole).kept == whole


def test_a_colour_profile_stays_and_only_a_colour_profile() -> None:
    def with_profile(inflated: bytes, after: bytes = b"") -> bytes:
        return png(png_chunk(b"iCCP", b"name\x00\x00" + zlib.compress(inflated) + after), PIXELS)

    assert scan(with_profile(profile())).kept == with_profile(profile())
    for body in (b"<script>", profile()[:-9], profile() + bytes(9), b"\0" * 40_000_000):
        assert scan(with_profile(body)).kept == STILL
    assert scan(with_profile(profile(), b"more")).kept == STILL
    assert scan(png(png_chunk(b"iCCP", b"name\x00\x00no zlib"), PIXELS)).kept == STILL


def test_the_position_goes_and_the_frames_stay() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>place</x:xmpmeta>")
    clean = encoded("PNG", frames=3, loop=2, duration=[30, 40, 50])
    found = scan(encoded("PNG", frames=3, loop=2, duration=[30, 40, 50], exif=exif(), pnginfo=texts))
    assert found.kept == clean
    assert (found.frames, found.still) == (3, 0)
    with Image.open(io.BytesIO(found.kept)) as kept:
        assert kept.info["loop"] == 2
        assert [one.info["duration"] for one in ImageSequence.Iterator(kept)] == [30, 40, 50]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_up(orientation: int) -> None:
    assert scan(encoded("PNG", exif=exif(orientation))).orientation == orientation


def test_an_animation_that_comes_after_the_pixels_is_none() -> None:
    assert scan(png(PIXELS, announced(2), control(0), data(1))) == Scan("png", 3, 2, 1, STILL)
    assert scan(png(PIXELS, control(0), data(1))).kept == STILL


@pytest.mark.parametrize(
    "whole",
    [
        SIGNATURE + PIXELS + END,
        SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 2, 8, 0, 0, 0, 0)) + PIXELS + END,
        SIGNATURE + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 0, 8, 0, 0, 0, 0)) + PIXELS + END,
        png(),
        png(HEADER, PIXELS),
        png(PIXELS, png_chunk(b"tEXt", b"between"), PIXELS),
        png(png_chunk(b"ABCD", b"nobody knows, and needed"), PIXELS),
        png(PIXELS[:-1] + b"\x00"),
        png(announced(3), control(0), PIXELS, control(1), data(2)),
        png(announced(1), control(0), PIXELS, control(1), data(2)),
        png(announced(0), PIXELS),
        png(announced(2), control(0), control(1), PIXELS),
        png(announced(2), control(0), PIXELS, control(1)),
        png(announced(2), control(0), PIXELS, control(2), data(3)),
        png(announced(2), control(0), PIXELS, control(1), data(3)),
        png(announced(2), control(0), PIXELS, control(1, left=1), data(2)),
        png(announced(2), control(0), PIXELS, control(1, width=0), data(2)),
        png(announced(1), PIXELS, data(0)),
        png(announced(1), control(0), data(1), PIXELS),
    ],
)
def test_what_makes_no_image_is_refused(whole: bytes) -> None:
    with pytest.raises(NotAGif) as refusal:
        scan(whole)
    assert refusal.value.detail == {"reason": "damaged"}


# -- the rows in the compressed pixels


def rows(width: int, height: int, bits: int) -> bytes:
    return bytes(height * (1 + (width * bits + 7) // 8))


def stored(width: int, height: int, colour: int, raw: bytes, *, depth: int = 8, interlaced: int = 0) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))
    palette = png_chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    return SIGNATURE + header + palette + png_chunk(b"IDAT", raw) + END


@pytest.mark.parametrize(
    ("colour", "depth", "bits"), [(0, 1, 1), (0, 8, 8), (0, 16, 16), (2, 8, 24), (3, 1, 1), (4, 8, 16), (6, 16, 64)]
)
def test_each_picture_has_exactly_its_rows(colour: int, depth: int, bits: int) -> None:
    raw = rows(9, 4, bits)
    check_pixels(stored(9, 4, colour, zlib.compress(raw), depth=depth))
    for wrong in (zlib.compress(raw[:-1]), zlib.compress(b""), zlib.compress(raw)[:-4], zlib.compress(raw)[:-1] + b"?"):
        with pytest.raises(NotAGif, match="손상"):
            check_pixels(stored(9, 4, colour, wrong, depth=depth))
    for more in (zlib.compress(raw + b"\0"), zlib.compress(raw) + b"<script>", zlib.compress(raw) * 2):
        with pytest.raises(NotAGif, match="붙어"):
            check_pixels(stored(9, 4, colour, more, depth=depth))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2), (4, 5), (5, 4), (8, 8), (9, 17)])
@pytest.mark.parametrize("bits", [1, 8, 24])
def test_an_interlaced_picture_has_the_rows_of_its_seven_pictures(size: tuple[int, int], bits: int) -> None:
    width, height = size
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for left, top, right, down in passes:
        columns, lines = len(range(left, width, right)), len(range(top, height, down))
        raw += rows(columns, lines, bits) if columns and lines else b""
    colour, depth = (2, 8) if bits == 24 else (0, bits)
    whole = stored(width, height, colour, zlib.compress(raw), depth=depth, interlaced=1)
    check_pixels(whole)
    with Image.open(io.BytesIO(whole)) as image:
        image.load()
    with pytest.raises(NotAGif):
        check_pixels(stored(width, height, colour, zlib.compress(raw[:-1]), depth=depth, interlaced=1))


def test_each_frame_has_exactly_its_rows() -> None:
    check_pixels(png(announced(2), control(0), PIXELS, control(1), data(2)))
    check_pixels(png(announced(2), PIXELS, control(0), data(1), control(2), data(3)))
    small = png_chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(rows(1, 2, 8)))
    check_pixels(png(announced(2), control(0), PIXELS, control(1, width=1), small))
    for frame in (control(1) + small, control(1, width=1) + data(2)):
        with pytest.raises(NotAGif):
            check_pixels(png(announced(2), control(0), PIXELS, frame))


def test_what_inflates_without_end_is_left_early() -> None:
    with pytest.raises(NotAGif):
        check_pixels(stored(9, 4, 0, zlib.compress(bytes(200_000_000), 1)))


def test_what_was_cut_into_the_blocks_of_a_text_is_found_by_its_checksum() -> None:
    whole = with_extra(STILL, png_chunk(b"tEXt", b"Comment\x00hello"))
    with pytest.raises(NotAGif):
        scan(whole.replace(b"hello", b"HELLO"))
