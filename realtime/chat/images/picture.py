"""Decoding of scanned images with Pillow.

Every frame is decoded on its own, which proves that the image is complete and can be displayed.
"""

import io
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from realtime.chat.images import gif, png, png_colours, png_pixels, webp
from realtime.chat.images.film import Film
from realtime.chat.images.jpeg_pixels import terminated
from realtime.chat.images.model import UPRIGHT, Extension, Frame, Scan
from realtime.chat.images.turn import TURNS, as_rgb, turned_jpeg, turned_png, upright
from realtime.errors import NotAGif

READERS: Mapping[Extension, type[ImageFile]] = {
    "gif": GifImagePlugin.GifImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "png": PngImagePlugin.PngImageFile,
    "jpg": JpegImagePlugin.JpegImageFile,
}

POSTER_SIDE = 960  # pixels at most: twice the width of a message, for high-density screens
POSTER_QUALITY = 75
LOSSLESS_PIXELS = 128 * 128  # posters up to this size are lossless: artefacts would be visible, and they are small


class Finished(NamedTuple):
    """An image as it is to be stored, and its poster if it is animated."""

    data: bytes
    width: int
    height: int
    poster: bytes | None
    flashes: bool = False


def finish(found: Scan) -> Finished:
    """Decode all of it, rotate it upright, make its poster and look for flashes. Raises NotAGif or MemoryError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _finish(found)
    except MemoryError:
        raise
    except Exception as error:
        # For a crafted file, Pillow raises almost any exception: OSError, SyntaxError, ValueError, struct.error, …
        raise NotAGif(reason="damaged") from error


def _finish(found: Scan) -> Finished:
    data, orientation = found.kept, found.orientation
    frames: Iterator[Frame] = iter((Frame(0, 0, found.width, found.height, data),))
    if found.extension == "png":
        parsed = png_pixels.repaired(png.parse(data))
        data, frames = parsed.encoded(), png_pixels.frames(parsed)
    elif found.extension == "gif":
        frames = gif.frames(data)
    elif found.extension == "webp":
        frames = webp.frames(data)
    elif found.open_at is not None:
        data = terminated(data, found.open_at)
        frames = iter((Frame(0, 0, found.width, found.height, data),))
    poster = None
    film = Film(found) if found.still is not None else None
    for number, frame in enumerate(frames):
        image = _decoded(found.extension, frame)
        if number == found.still:
            colours = png_colours.profile(parsed.chunks) if found.extension == "png" else None
            poster = _poster(found, frame, image, colours or image.info.get("icc_profile"))
        if film is not None and number >= (found.still or 0):
            film.show(frame, image)
    if orientation != UPRIGHT:
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            data = turned_jpeg(image, orientation)
        else:
            data = turned_png(parsed, orientation).encoded()
    return Finished(
        data, *upright((found.width, found.height), orientation), poster, film is not None and film.flashes()
    )


def shrunk(path: Path, side: int) -> bytes:
    """Return a stored still image as a WebP of at most `side` pixels. Raises NotAGif, MemoryError or OSError."""
    data = path.read_bytes()
    extension = next((one for one in READERS if path.suffix == f".{one}"), None)
    if extension is None:
        raise NotAGif
    try:
        with READERS[extension](io.BytesIO(data)) as image:
            image.draft("RGB", (2 * side, 2 * side))  # of a JPEG, an eighth at least is decoded; of others, all
            small = as_rgb(image)
            small.thumbnail((side, side))
            file = io.BytesIO()
            small.save(file, "WEBP", quality=POSTER_QUALITY, icc_profile=image.info.get("icc_profile") or b"")
    except MemoryError:
        raise
    except Exception as error:  # as in `finish`; it was examined once, but by another version, perhaps
        raise NotAGif(reason="damaged") from error
    return file.getvalue()


def _decoded(extension: Extension, frame: Frame) -> Image.Image:
    """Return a frame, decoded on its own: otherwise Pillow would use the next frame's data where some are missing."""
    if not frame.still:
        return Image.new("RGBA", (frame.width, frame.height))
    with READERS[extension](io.BytesIO(frame.still)) as image:
        if image.size != (frame.width, frame.height):  # checked before decoding: `scan` checked only this size
            raise NotAGif(reason="damaged")
        image.load()
        return image


def _poster(found: Scan, frame: Frame, image: Image.Image, profile: bytes | None) -> bytes:
    """Return the first shown frame on the canvas as a small WebP, transparent where the frame does not cover it."""
    shown = as_rgb(image)
    if shown.size != (found.width, found.height):
        canvas = Image.new("RGBA", (found.width, found.height))
        canvas.paste(shown, (frame.left, frame.top))
        shown = canvas
    if found.orientation != UPRIGHT:
        shown = shown.transpose(TURNS[found.orientation])
    shown.thumbnail((POSTER_SIDE, POSTER_SIDE))
    file = io.BytesIO()
    lossless = shown.width * shown.height <= LOSSLESS_PIXELS
    shown.save(file, "WEBP", quality=POSTER_QUALITY, lossless=lossless, icc_profile=profile or b"")
    return file.getvalue()
