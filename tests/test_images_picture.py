"""The pixels of an image: complete, upright, and with a poster if it is animated."""

import io
import struct
import zlib
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from realtime.chat.images.model import ImageLimits, Scan
from realtime.chat.images.picture import POSTER_SIDE, Finished, finish
from realtime.chat.images.scan import scan
from realtime.errors import NotAGif
from tests.images import SIZE, encoded, exif, gif_of_size, lzw, noise, png_chunk, profile, webp_chunk, webp_of

WIDTH, HEIGHT = SIZE


def scanned(data: bytes) -> Scan:
    return scan(data, ImageLimits())


def finished(data: bytes) -> Finished:
    return finish(scanned(data))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def gradient(size: tuple[int, int] = (50, 38)) -> Image.Image:
    """Return a picture with four different corners, whose size is no multiple of a JPEG's blocks."""
    across = Image.linear_gradient("L").rotate(90).resize(size)
    down = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (across, down, Image.new("L", size, 128)))


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of the two, out of 255."""
    mean: list[float] = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean
    return max(mean)


@pytest.mark.parametrize(
    "data",
    [
        encoded("GIF"),
        encoded("GIF", interlace=True),
        encoded("WEBP"),
        encoded("WEBP", lossless=True),
        encoded("PNG"),
        encoded("PNG", icc_profile=profile()),
        encoded("JPEG"),
        encoded("JPEG", progressive=True),
        encoded("JPEG", icc_profile=profile()),
        saved(noise(1).convert("CMYK"), "JPEG"),
        saved(noise(1).convert("L"), "JPEG"),
        saved(noise(1).convert("RGBA"), "PNG"),
        saved(noise(1).convert("I;16"), "PNG"),
        saved(noise(1).convert("1"), "PNG"),
        gif_of_size(5000),
    ],
)
def test_a_good_image_is_kept_unchanged(data: bytes) -> None:
    assert finished(data) == Finished(data, WIDTH, HEIGHT, None)


# -- upright


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright(format_name: str, orientation: int) -> None:
    data = saved(gradient(), format_name, exif=exif(orientation), icc_profile=profile(), quality=90)
    upright = ImageOps.exif_transpose(opened(data))
    done = finished(data)
    with opened(done.data) as shown:
        assert shown.size == (done.width, done.height) == upright.size
        assert difference(shown, upright) <= (1.5 if format_name == "JPEG" else 0)
        assert shown.info["icc_profile"] == profile()
        assert not shown.getexif()
    assert b"Kamera" in data and b"Kamera" not in done.data


@pytest.mark.parametrize("sampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}, {"quality": 98}])
@pytest.mark.parametrize("orientation", [3, 6])
def test_turning_a_photo_loses_no_visible_quality(sampling: str, options: dict[str, object], orientation: int) -> None:
    data = saved(gradient((320, 240)), "JPEG", exif=exif(orientation), subsampling=sampling, **options)
    done = finished(data)
    assert len(done.data) < len(data) * (1.3 if sampling == "4:2:2" else 1.05)  # Pillow has no 4:4:0, its rotated form
    with opened(data) as before, opened(done.data) as after:
        assert difference(after, ImageOps.exif_transpose(before)) < 1.1
        assert after.info.get("progressive") == before.info.get("progressive")


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_photo_in_another_colour_mode_is_turned_too(mode: str) -> None:
    data = saved(gradient().convert(mode), "JPEG", exif=exif(8), quality=90)
    with opened(data) as before, opened(finished(data).data) as after:
        assert after.mode == mode
        assert difference(after, ImageOps.exif_transpose(before)) < 1


def test_a_transparent_image_is_turned_too() -> None:
    image = gradient()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    with opened(finished(saved(image, "PNG", exif=exif(6))).data) as after:
        assert ImageChops.difference(after, image.rotate(-90, expand=True)).getbbox() is None
    palette = gradient().quantize(16)
    palette.info["transparency"] = 3
    with opened(finished(saved(palette, "PNG", exif=exif(3))).data) as after:
        assert after.info["transparency"] == 3


# -- damage that the headers do not show


def test_a_frame_that_is_too_short_is_found_after_good_ones() -> None:
    good = lzw(b"".join(b"\x80" + bytes([line]) * 100 for line in range(WIDTH * HEIGHT // 100)) + b"\x81")
    short = lzw((b"\x80" + b"\x01" * 100) * 5 + b"\x81")
    screen = b"GIF89a" + struct.pack("<HH", WIDTH, HEIGHT) + b"\xe6\0\0" + bytes(3 * 128)
    frame = b"," + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0)
    assert finished(screen + (frame + good) * 3 + b";").poster is not None
    for frames in ([short], [short, good], [good, short], [good, short, good], [short, short, good, good]):
        with pytest.raises(NotAGif):
            finished(screen + b"".join(frame + data for data in frames) + b";")


@pytest.mark.parametrize("codes", [b"", b"\x80" * 5000, b"\x81", b"\x80\x01\xff" + bytes(2000)])
def test_lzw_codes_that_yield_no_pixels_are_refused(codes: bytes) -> None:
    screen = b"GIF89a" + struct.pack("<HH", WIDTH, HEIGHT) + b"\xe6\0\0" + bytes(3 * 128)
    with pytest.raises(NotAGif):
        finished(screen + b"," + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0) + lzw(codes) + b";")


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("lossless", [False, True])
def test_truncated_pixels_in_a_complete_file_are_refused(part: float, lossless: bool) -> None:
    whole = encoded("WEBP", lossless=lossless)
    body = whole[20:]
    with pytest.raises(NotAGif):
        finished(webp_of(webp_chunk(whole[12:16], body[: 10 + int(part * (len(body) - 10))])))
    rows = b"".join(b"\x00" + bytes(3 * WIDTH) for _ in range(int(part * HEIGHT)))
    png = encoded("PNG")[:33] + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    with pytest.raises(NotAGif):
        finished(png)


# -- the poster


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_an_animation_has_a_poster_of_its_first_frame(format_name: str) -> None:
    first, *others = (gradient((320, 240)).rotate(angle) for angle in (0, 90, 180))
    done = finished(saved(first, format_name, save_all=True, append_images=others, duration=50))
    assert done.poster is not None
    with opened(done.poster) as poster:
        assert (poster.format, poster.size, poster.mode) == ("WEBP", (320, 240), "RGB")
        assert difference(poster, first) < 4


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_a_poster_is_transparent_where_the_image_is(format_name: str) -> None:
    frames = []
    for shade in (0, 200):
        frame = Image.new("RGBA", (64, 48))
        frame.paste((255, shade, 0, 255), (16, 12, 48, 36))
        frames.append(frame)
    done = finished(saved(frames[0], format_name, save_all=True, append_images=frames[1:], duration=50, disposal=2))
    assert done.poster is not None
    with opened(done.poster) as poster:
        assert poster.getpixel((2, 2)) == (0, 0, 0, 0)
        red, _, _, alpha = poster.getpixel((32, 24))  # type: ignore[misc]  # an RGBA pixel is a tuple
        assert red > 240 and alpha == 255


def test_the_poster_places_the_first_frame_on_the_screen() -> None:
    screen = b"GIF89a" + struct.pack("<HH", 40, 30) + b"\x80\0\0" + b"\xff\0\0\0\0\xff"
    frame = b"," + struct.pack("<HHHHB", 10, 5, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    done = finished(screen + frame * 2 + b";")
    assert (done.width, done.height) == (40, 30)
    assert done.poster is not None
    with opened(done.poster) as poster:
        assert poster.getchannel("A").getbbox() == (10, 5, 11, 6)


def test_a_poster_is_no_larger_than_displayed() -> None:
    frames = [Image.new("P", (1600, 800), colour) for colour in (0, 1)]
    done = finished(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))
    assert (done.width, done.height) == (1600, 800)
    assert done.poster is not None
    with opened(done.poster) as poster:
        assert poster.size == (POSTER_SIDE, POSTER_SIDE // 2)


def test_the_poster_of_an_animated_png_is_what_browsers_show_first() -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("green", "red", "blue")]
    for hidden, shown in ((False, frames[0]), (True, frames[1])):
        data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50, default_image=hidden)
        done = finished(data)
        assert done.poster is not None and done.data == data
        with opened(done.poster) as poster:
            assert difference(poster, shown) < 4


@pytest.mark.parametrize(("format_name", "expected"), [("PNG", profile()), ("WEBP", None)])
def test_the_poster_has_the_colours_of_the_animation(format_name: str, expected: bytes | None) -> None:
    """Browsers apply the profile of an animated PNG, but not of an animated WebP."""
    done = finished(encoded(format_name, frames=2, icc_profile=profile()))
    assert done.poster is not None
    with opened(done.poster) as poster:
        assert poster.info.get("icc_profile") == expected


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_every_frame_is_kept(format_name: str) -> None:
    frames = [noise(seed) for seed in range(4)]
    data = saved(frames[0], format_name, save_all=True, append_images=frames[1:], duration=[50, 60, 70, 80], loop=3)
    with opened(data) as before, opened(finished(data).data) as after:
        assert before.n_frames == after.n_frames == 4  # type: ignore[attr-defined]  # of an image that moves
        seen = []
        for number in range(4):
            before.seek(number)
            after.seek(number)
            assert before.tobytes() == after.tobytes()
            assert before.info.get("duration") == after.info.get("duration")
            seen.append(after.tobytes())
        assert all(one != other for one, other in pairwise(seen))
