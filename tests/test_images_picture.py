"""What an image's bytes really are."""

import io
import struct
import time
import zlib
from typing import NamedTuple

import pytest
from PIL import Image

from realtime.chat.images.exif import ORIENTATION
from realtime.chat.images.model import ImageLimits
from realtime.chat.images.picture import finish
from realtime.chat.images.scan import scan
from realtime.errors import GifTooLarge, NotAGif
from tests.images import SIZE, encoded, gif_of, gif_of_size, noise

WIDTH, HEIGHT = SIZE


class Picture(NamedTuple):
    extension: str
    width: int
    height: int
    frames: int


def examine(data: bytes) -> Picture:
    limits = ImageLimits()
    found = scan(data, limits)
    finished = finish(found)
    return Picture(found.extension, finished.width, finished.height, found.frames)


FILES = {
    "gif": encoded("GIF"),
    "animated gif": encoded("GIF", frames=3),
    "webp": encoded("WEBP"),
    "lossless webp": encoded("WEBP", lossless=True),
    "animated webp": encoded("WEBP", frames=3),
    "png": encoded("PNG"),
    "animated png": encoded("PNG", frames=3),
    "jpg": encoded("JPEG"),
    "progressive jpg": encoded("JPEG", progressive=True),
}


@pytest.mark.parametrize("name", FILES)
def test_an_image_is_known_by_its_bytes(name: str) -> None:
    frames = 3 if name.startswith("animated") else 1
    assert examine(FILES[name]) == Picture(name.rsplit(maxsplit=1)[-1], WIDTH, HEIGHT, frames)


@pytest.mark.parametrize("name", FILES)
def test_an_image_cut_short_anywhere_is_none(name: str) -> None:
    whole = FILES[name]
    cuts = [*range(0, len(whole) - 60, 50), *range(max(0, len(whole) - 60), len(whole))]
    accepted = []
    for cut in cuts:
        try:
            examine(whole[:cut])
        except NotAGif:
            continue
        accepted.append(cut - len(whole))
    # The last byte of a WebP may be the padding of an odd chunk, and pads nothing.
    assert accepted == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"%PDF-1.7\n1 0 obj\n",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a<html><script>alert(1)</script></html>",
        b"PK\x03\x04" + bytes(40),
        bytes(5000),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(100),
        b"\xff\xd8\xff\xe0" + bytes(100),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_anything_else_is_no_image(data: bytes) -> None:
    with pytest.raises(NotAGif):
        examine(data)


@pytest.mark.parametrize("format_name", ["BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_that_pillow_can_read_are_refused(format_name: str) -> None:
    with pytest.raises(NotAGif):
        examine(encoded(format_name))


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 10), (10, 0)])
def test_an_image_without_pixels_is_none(width: int, height: int) -> None:
    with pytest.raises(NotAGif):
        examine(gif_of(1, width, height, (0, 0)))


def test_a_gif_with_stray_bytes_between_its_blocks_is_one() -> None:
    whole = FILES["gif"]
    assert examine(whole[:-1] + b"\x00\x00;").extension == "gif"


def test_a_padded_gif_is_one() -> None:
    assert examine(gif_of_size(100_000)) == Picture("gif", WIDTH, HEIGHT, 1)


@pytest.mark.parametrize("extension", ["gif", "webp", "png", "jpg"])
def test_25_megapixels_pass_and_one_row_more_does_not(extension: str) -> None:
    format_name = {"jpg": "JPEG"}.get(extension, extension.upper())
    for height, fits in ((5000, True), (5001, False)):
        file = io.BytesIO()
        Image.new("L", (5000, height)).save(file, format_name)
        if fits:
            assert examine(file.getvalue()) == Picture(extension, 5000, 5000, 1)
        else:
            with pytest.raises(GifTooLarge):
                examine(file.getvalue())


@pytest.mark.parametrize(("frames", "fits"), [(100, True), (101, False)])
def test_all_frames_together_have_at_most_100_megapixels(frames: int, fits: bool) -> None:
    made = gif_of(frames, 1000, 1000)
    if fits:
        assert examine(made) == Picture("gif", 1000, 1000, 100)
    else:
        with pytest.raises(GifTooLarge):
            examine(made)


def test_a_frame_bomb_is_refused_by_its_headers() -> None:
    bomb = gif_of(300, 4000, 4000)
    assert len(bomb) < 7 * 1024
    began = time.process_time()
    with pytest.raises(GifTooLarge):
        examine(bomb)
    assert time.process_time() - began < 0.05


def test_a_later_frame_that_enlarges_a_gif_counts() -> None:
    small = gif_of(1, 10, 10)
    huge = gif_of(1, 10, 10, (6000, 6000))
    with pytest.raises(GifTooLarge):
        examine(small[:-1] + huge[huge.index(b",") :])


@pytest.mark.parametrize("side", [8000, 30_000, 2**24])
def test_a_claimed_canvas_is_judged_before_it_is_allocated(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    )
    with pytest.raises(GifTooLarge):
        examine(png)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_that_lies_on_its_side_has_the_size_it_is_shown_in(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    noise(1).save(file, "JPEG", exif=exif)
    shown = (WIDTH, HEIGHT) if orientation <= 4 else (HEIGHT, WIDTH)
    picture = examine(file.getvalue())
    assert (picture.width, picture.height) == shown


def test_a_photo_that_carries_a_second_one_is_one_jpeg() -> None:
    file = io.BytesIO()
    noise(1).save(file, "MPO", save_all=True, append_images=[noise(2)])
    assert examine(file.getvalue()) == Picture("jpg", WIDTH, HEIGHT, 1)
