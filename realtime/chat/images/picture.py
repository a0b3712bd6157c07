"""The pixels of an image that `scan` let pass, by Pillow.

Every frame is decoded: that alone shows that the image is whole, and that others will be able to show it.
"""

import io
import warnings
from collections.abc import Mapping
from typing import NamedTuple

from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from realtime.chat.images import gif, png, webp
from realtime.chat.images.model import FIRST_SIDEWAYS, UPRIGHT, Extension, Scan
from realtime.errors import NotAGif

READERS: Mapping[Extension, type[ImageFile]] = {
    "webp": WebPImagePlugin.WebPImageFile,
    "png": PngImagePlugin.PngImageFile,
    "jpg": JpegImagePlugin.JpegImageFile,
}

# What puts an image upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

POSTER_SIDE = 960  # pixels at most: twice the width of a message, for dense screens
POSTER_QUALITY = 75
WEBP_QUALITY = 92  # of a lossy photo that is turned; nobody sees a difference
HALF_WIDTH_SAMPLING = 1  # 4:2:2, as Pillow counts
FULL_SAMPLING = 0  # 4:4:4


class Finished(NamedTuple):
    """An image as it is kept, and its poster if it moves."""

    data: bytes
    width: int
    height: int
    poster: bytes | None


def finish(found: Scan) -> Finished:
    """Decode all of it, turn it upright, make its poster. Raises NotAGif, and MemoryError when there is too little."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _finish(found)
    except MemoryError:
        raise
    except Exception as error:
        # Pillow meets a crafted file with nearly any exception: OSError, SyntaxError, ValueError, struct.error, …
        raise NotAGif(reason="damaged") from error


def _finish(found: Scan) -> Finished:
    if found.extension == "png":
        png.check_pixels(found.kept)
    if found.extension == "gif":
        return Finished(found.kept, found.width, found.height, _gif_poster(found))
    moving_webp = found.extension == "webp" and found.still is not None
    data = webp.transparent(found.kept) if moving_webp else found.kept
    with READERS[found.extension](io.BytesIO(data)) as image:
        poster = None
        for frame in range(found.frames):
            image.seek(frame)
            if image.size != (found.width, found.height):  # before its pixels: only what `scan` has judged is decoded
                raise NotAGif(reason="damaged")
            image.load()
            if frame == found.still:
                poster = _poster(image)
        if found.orientation == UPRIGHT:
            return Finished(found.kept, found.width, found.height, poster)
        width, height = found.width, found.height
        if found.orientation >= FIRST_SIDEWAYS:
            width, height = height, width
        return Finished(_upright(found, image), width, height, None)


def _gif_poster(found: Scan) -> bytes | None:
    """Decode a GIF frame by frame; return its poster if it moves.

    Pillow, asked for the whole, makes a picture of the size of the screen for each frame, and where a frame has too
    little data it goes on reading in the next.
    """
    poster = None
    for number, frame in enumerate(gif.frames(found.kept)):
        with GifImagePlugin.GifImageFile(io.BytesIO(frame.still)) as image:
            image.load()
            if number == found.still:
                first = image.convert("RGBA" if image.has_transparency_data else "RGB")
                if first.size != (found.width, found.height):
                    screen = Image.new("RGBA", (found.width, found.height))
                    screen.paste(first, (frame.left, frame.top))
                    first = screen
                poster = _poster(first)
    return poster


def _poster(frame: Image.Image) -> bytes:
    """Return the frame as a small WebP, transparent where it is."""
    profile = frame.info.get("icc_profile")
    still = frame.convert("RGBA" if frame.has_transparency_data else "RGB")
    still.thumbnail((POSTER_SIDE, POSTER_SIDE))
    return _encoded(still, "WEBP", quality=POSTER_QUALITY, icc_profile=profile or b"")


def _upright(found: Scan, image: Image.Image) -> bytes:
    """Return the turned image in its own format, as near to the original as the format can."""
    turned = image.transpose(TURNS[found.orientation])
    profile = image.info.get("icc_profile")
    if found.extension == "jpg":
        assert isinstance(image, JpegImagePlugin.JpegImageFile)
        return _encoded(turned, "JPEG", icc_profile=profile, **_jpeg_options(image, found.orientation))
    if found.extension == "png":
        return _encoded(turned, "PNG", icc_profile=profile)
    lossless = webp.is_lossless(found.kept)
    return _encoded(
        turned, "WEBP", icc_profile=profile or b"", lossless=lossless, exact=True, quality=WEBP_QUALITY, method=2
    )


def _jpeg_options(image: JpegImagePlugin.JpegImageFile, orientation: int) -> dict[str, object]:
    """Return what makes the new file lose next to nothing: the old one's quantization and sampling, turned with it."""
    sampling = JpegImagePlugin.get_sampling(image)
    sideways = orientation >= FIRST_SIDEWAYS
    if sampling not in (0, 1, 2) or (sideways and sampling == HALF_WIDTH_SAMPLING):
        sampling = FULL_SAMPLING
    tables = [image.quantization[table] for _, _, _, table in image.layer]
    if sideways:
        tables = [[table[8 * (at % 8) + at // 8] for at in range(64)] for table in tables]
    return {
        "qtables": tables,
        "subsampling": sampling,
        "progressive": bool(image.info.get("progressive")),
        "optimize": True,
    }


def _encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()
