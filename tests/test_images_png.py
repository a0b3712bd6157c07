"""Reading a PNG's chunks, and which of them are kept."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageSequence, PngImagePlugin

from realtime.chat.images.model import Scan
from realtime.chat.images.png import parse, scan
from realtime.chat.images.png_file import SIGNATURE
from realtime.chat.images.png_pixels import repaired
from realtime.errors import NotAGif
from tests.images import encoded, exif, png_chunk, profile, with_extra
from tests.profiles import by_lcms

HEADER = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0))
PIXELS = png_chunk(b"IDAT", zlib.compress(bytes(8)))
END = png_chunk(b"IEND", b"")
STILL = SIGNATURE + HEADER + PIXELS + END


def announced(frames: int, plays: int = 0) -> bytes:
    return png_chunk(b"acTL", struct.pack(">II", frames, plays))


def control(number: int, width: int = 3, height: int = 2, left: int = 0, disposal: int = 0) -> bytes:
    return png_chunk(b"fcTL", struct.pack(">5IHHBB", number, width, height, left, 0, 1, 10, disposal, 0))


def data(number: int, behind: bytes = b"") -> bytes:
    return png_chunk(b"fdAT", struct.pack(">I", number) + zlib.compress(bytes(8)) + behind)


MOVING = [announced(2), control(0), PIXELS, control(1), data(2)]


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + HEADER + b"".join(chunks) + END


def test_a_still_png_is_scanned() -> None:
    assert scan(STILL) == Scan("png", 3, 2, 1, STILL)


def test_an_animated_png_is_scanned() -> None:
    whole = png(announced(2), control(0), PIXELS, control(1), data(2), data(3))
    assert scan(whole) == Scan("png", 3, 2, 2, whole, still=0, repeats=True)


def test_a_default_image_outside_the_animation_is_decoded_but_not_the_poster() -> None:
    whole = png(announced(2), PIXELS, control(0), data(1), control(2), data(3))
    assert scan(whole) == Scan("png", 3, 2, 3, whole, still=1, repeats=True)


def test_an_animation_of_one_frame_is_a_still_image() -> None:
    assert scan(png(announced(1), control(0), PIXELS)) == Scan("png", 3, 2, 1, STILL)
    assert scan(png(announced(1), PIXELS, control(0), data(1))).still is None


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf", b"hIST", b"sPLT", b"prVt", b"vpAg"])
def test_data_that_is_not_part_of_the_image_is_removed(name: bytes) -> None:
    extra = png_chunk(name, b"Comment\x00<script>alert(1)</script>")
    assert scan(png(extra, PIXELS, extra)).kept == STILL


COLOURS = {b"tRNS": 2, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"sBIT": 1, b"bKGD": 2, b"pHYs": 9}


@pytest.mark.parametrize(("name", "size"), COLOURS.items())
def test_colour_space_chunks_are_kept(name: bytes, size: int) -> None:
    """One valid chunk of the right size before the pixels; browsers ignore any other."""
    good = png_chunk(name, bytes(size))
    assert scan(png(good, PIXELS)).kept == png(good, PIXELS)
    broken = good[:-1] + bytes([good[-1] ^ 1])
    others = broken, png_chunk(name, bytes(size + 1)), png_chunk(name, b"")
    assert scan(png(*others, good, png_chunk(name, b"\1" * size), PIXELS, good)).kept == png(good, PIXELS)
    assert scan(png(*others, PIXELS, good)).kept == STILL


def test_a_needed_palette_is_kept_with_its_transparency() -> None:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 3, 0, 0, 0))
    palette, transparency = png_chunk(b"PLTE", bytes(6)), png_chunk(b"tRNS", b"\0")
    whole = SIGNATURE + header + palette + transparency + PIXELS + END
    assert scan(whole).kept == whole
    early = SIGNATURE + header + transparency + palette + PIXELS + END
    assert scan(early).kept == SIGNATURE + header + palette + PIXELS + END
    assert scan(png(palette, PIXELS)).kept == STILL
    for palettes in (b"", palette * 2):
        with pytest.raises(NotAGif):
            scan(SIGNATURE + header + palettes + PIXELS + END)


def test_only_a_valid_colour_profile_is_kept() -> None:
    def with_profile(inflated: bytes, after: bytes = b"", name: bytes = b"ICC Profile") -> bytes:
        return png(png_chunk(b"iCCP", name + b"\x00\x00" + zlib.compress(inflated) + after), PIXELS)

    assert scan(with_profile(profile())).kept == with_profile(profile())
    for body in (b"<script>", profile()[:-9], b"\0" * 40_000_000):
        assert scan(with_profile(body)).kept == STILL
    for more in (
        with_profile(profile() + b"secrets"),
        with_profile(profile(), b"more"),
        with_profile(profile(), name=b"of somebody"),
        with_profile(by_lcms()),
    ):
        assert scan(more).kept == with_profile(profile())
    none = png_chunk(b"iCCP", b"name\x00\x00no zlib")
    assert scan(png(none, PIXELS)).kept == STILL
    assert scan(png(none, with_profile(profile())[33 : -len(PIXELS + END)], PIXELS)).kept == STILL  # the first counts


def test_the_location_is_removed_and_the_frames_are_kept() -> None:
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
@pytest.mark.parametrize("frames", [1, 2])
def test_the_orientation_is_read(frames: int, orientation: int) -> None:
    assert scan(encoded("PNG", frames, exif=exif(orientation))).orientation == orientation


def test_only_the_first_orientation_before_the_pixels_counts() -> None:
    lying, standing = (png_chunk(b"eXIf", exif(number).tobytes().removeprefix(b"Exif\0\0")) for number in (6, 1))
    assert scan(png(lying, standing, PIXELS)).orientation == 6
    assert scan(png(standing, lying, PIXELS)).orientation == 1
    assert scan(png(lying[:-1] + b"?", PIXELS, lying)).orientation == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        # the announced number of frames: ffmpeg's into a pipe, none, fewer, more, twice, in other sizes, late, damaged
        ([announced(2**32 - 1), PIXELS], [PIXELS]),
        ([announced(2**32 - 1), control(0), PIXELS, control(1), data(2)], [PIXELS]),
        ([announced(0), control(0), PIXELS, control(1), data(2)], [PIXELS]),
        ([announced(2, 2**31), control(0), PIXELS, control(1), data(2)], [PIXELS]),
        ([announced(1), PIXELS], [PIXELS]),
        ([announced(1), control(0), PIXELS, control(1), data(2)], [PIXELS]),
        ([announced(1), PIXELS, control(0), data(1), control(2), data(3)], [announced(1), PIXELS, control(0), data(1)]),
        ([announced(3), control(0), PIXELS, control(1), data(2)], MOVING),
        ([announced(2), *MOVING[1:], control(3), data(4)], MOVING),
        ([announced(2), announced(1), *MOVING[1:]], MOVING),
        ([announced(2, 1), announced(2, 5), *MOVING[1:]], [announced(2, 1), *MOVING[1:]]),
        ([png_chunk(b"acTL", bytes(3) + b"\2"), announced(2), *MOVING[1:]], MOVING),
        ([MOVING[1], announced(2), *MOVING[2:]], MOVING),
        ([announced(2)[:-1] + b"?", *MOVING[1:]], [PIXELS]),
        # an invalid frame ends the animation: beyond the canvas, of zero size, of an unknown kind, out of order
        ([*MOVING[:3], control(1, left=1), data(2)], [PIXELS]),
        ([*MOVING[:3], control(1, width=0), data(2)], [PIXELS]),
        ([*MOVING[:3], control(1, disposal=3), data(2)], [PIXELS]),
        ([*MOVING[:3], control(2), data(3)], [PIXELS]),
        ([*MOVING[:3], control(1)[:-1] + b"?", data(2)], [PIXELS]),
        ([announced(3), *MOVING[1:], control(3, left=1), data(4)], MOVING),
        ([*MOVING, png_chunk(b"ABCD", b"nobody knows, and needed"), control(3), data(4)], MOVING),
        # and one without pixels does not count
        ([*MOVING[:3], control(1)], [PIXELS]),
        ([*MOVING[:3], control(1), control(2), data(3)], MOVING),
        ([announced(2), control(0), control(1), PIXELS, control(2), data(3)], MOVING),
        ([announced(1), PIXELS, data(0)], [PIXELS]),
    ],
)
def test_an_animation_has_the_frames_that_browsers_show(given: list[bytes], shown: list[bytes]) -> None:
    assert scan(png(*given)).kept == png(*shown)


@pytest.mark.parametrize(
    "end",
    [b"", END[:1], END[:-1], END[:-1] + b"?", b"\0" * 40, b"PK\3\4 an archive", png_chunk(b"IEND", b"body")]
    + [png_chunk(b"ABCD", b"unknown, and needed"), HEADER, END + b"\n", END + STILL],
)
@pytest.mark.parametrize("chunks", [[PIXELS], MOVING], ids=["still", "moving"])
def test_a_png_ends_where_its_chunks_end(chunks: list[bytes], end: bytes) -> None:
    assert scan(png(*chunks)[: -len(END)] + end).kept == png(*chunks)


def test_an_animation_announced_after_the_pixels_is_ignored() -> None:
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
        png(png_chunk(b"ABCD", b"nobody knows, and needed"), PIXELS),
        png(HEADER[:-1] + b"?", PIXELS),
        SIGNATURE + HEADER[:-1] + b"?" + PIXELS + END,
        png(png_chunk(b"tEXt", b"first"))[8:],
        SIGNATURE + png_chunk(b"tEXt", b"first") + HEADER + PIXELS + END,
        # the first frame is smaller than the canvas, as Pillow writes it, or out of order
        png(announced(2), control(0, width=2), PIXELS, control(1), data(2)),
        png(announced(2), control(1), PIXELS, control(2), data(3)),
        png(announced(1), control(0), data(1), PIXELS),
        # truncated: more frames were announced
        png(announced(3), *MOVING[1:])[: -len(END)],
        png(announced(3), *MOVING[1:], control(3))[: -len(END)],
    ],
)
def test_a_file_without_an_image_is_refused(whole: bytes) -> None:
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


def made_whole(whole: bytes) -> bytes:
    """Return the final image: `whole` itself if its pixels were complete."""
    return repaired(parse(whole)).encoded()


def inflated(whole: bytes) -> bytes:
    """Return the rows of a still image."""
    return zlib.decompress(b"".join(parse(whole).pictures[0].data))


@pytest.mark.parametrize(
    ("colour", "depth", "bits"), [(0, 1, 1), (0, 8, 8), (0, 16, 16), (2, 8, 24), (3, 1, 1), (4, 8, 16), (6, 16, 64)]
)
def test_each_picture_has_exactly_its_rows(colour: int, depth: int, bits: int) -> None:
    raw = rows(9, 4, bits)
    packed = zlib.compress(raw)
    whole = stored(9, 4, colour, packed, depth=depth)
    assert made_whole(whole) == whole
    endless = zlib.compressobj()
    for more in (
        zlib.compress(raw + b"\0"),
        zlib.compress(raw + b"<script>" * 999),
        packed + b"<script>",
        packed * 2,
        packed[:-4],
        packed[:-1],
        packed[:-4] + b"1234",
        endless.compress(raw) + endless.flush(zlib.Z_SYNC_FLUSH),
    ):
        kept = made_whole(stored(9, 4, colour, more, depth=depth))
        assert inflated(kept) == raw
        assert made_whole(kept) == kept
    for wrong in (zlib.compress(raw[:-1]), zlib.compress(b""), b"", b"x", b"\x79" + packed[1:], packed[:2] + b"\xff"):
        with pytest.raises(NotAGif):
            made_whole(stored(9, 4, colour, wrong, depth=depth))


def test_pixels_are_checked_by_their_rows_not_by_checksums() -> None:
    """A wrong checksum, empty chunks, extra chunks: only complete rows matter."""
    packed = zlib.compress(bytes(8))
    for pixels in (
        [PIXELS[:-1] + b"?"],
        [PIXELS[:-4]],
        [png_chunk(b"IDAT", b""), PIXELS, png_chunk(b"IDAT", b"")],
        [PIXELS, png_chunk(b"IDAT", b"behind")],
        [PIXELS, png_chunk(b"tEXt", b"between"), PIXELS],
    ):
        assert inflated(made_whole(SIGNATURE + HEADER + b"".join(pixels))) == bytes(8)
    cut = [png_chunk(b"IDAT", packed[:5]), png_chunk(b"IDAT", packed[5:])]
    assert made_whole(png(*cut)) == png(*cut)
    for lost in ([cut[0][:-1] + b"?", cut[1]], [cut[0], png_chunk(b"tEXt", b"between"), cut[1]]):
        with pytest.raises(NotAGif):
            made_whole(png(*lost))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (3, 2), (4, 5), (5, 4), (8, 8), (9, 17)])
@pytest.mark.parametrize("bits", [1, 8, 24])
def test_an_interlaced_picture_has_the_rows_of_its_seven_passes(size: tuple[int, int], bits: int) -> None:
    width, height = size
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = b""
    for left, top, right, down in passes:
        columns, lines = len(range(left, width, right)), len(range(top, height, down))
        raw += rows(columns, lines, bits) if columns and lines else b""
    colour, depth = (2, 8) if bits == 24 else (0, bits)
    whole = stored(width, height, colour, zlib.compress(raw), depth=depth, interlaced=1)
    assert made_whole(whole) == whole
    with Image.open(io.BytesIO(whole)) as image:
        image.load()
    with pytest.raises(NotAGif):
        made_whole(stored(width, height, colour, zlib.compress(raw[:-1]), depth=depth, interlaced=1))


def test_each_frame_has_exactly_its_rows() -> None:
    small = png_chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(rows(1, 2, 8)))
    for whole in (
        png(*MOVING),
        png(announced(2), PIXELS, control(0), data(1), control(2), data(3)),
        png(announced(2), control(0), PIXELS, control(1, width=1), small),
    ):
        assert made_whole(whole) == whole
    assert made_whole(png(*MOVING[:3], control(1, width=1), data(2))) == png(*MOVING[:3], control(1, width=1), small)
    assert made_whole(png(*MOVING[:3], control(1), data(2, b"behind"))) == png(*MOVING)
    assert made_whole(png(*MOVING[:4], data(2)[:-1] + b"?")) == png(*MOVING)
    hidden = png(announced(1), png_chunk(b"IDAT", zlib.compress(bytes(4))), control(0), data(1))
    assert made_whole(hidden) == png(announced(1), PIXELS, control(0), data(1))
    for missing in (small, data(3)):
        with pytest.raises(NotAGif):
            made_whole(png(*MOVING[:4], missing))


def test_a_decompression_bomb_is_abandoned_early() -> None:
    packed = zlib.compress(bytes(200_000_000), 1)
    assert inflated(made_whole(stored(9, 4, 0, packed))) == bytes(4 * 10)


def test_a_damaged_text_chunk_is_removed() -> None:
    assert scan(with_extra(STILL, png_chunk(b"tEXt", b"Comment\x00hello")).replace(b"hello", b"HELLO")).kept == STILL
