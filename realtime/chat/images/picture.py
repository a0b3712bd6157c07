"""The pixels of an image that `scan` let pass, by Pillow.

Every frame is decoded, alone: that shows that the image is whole, and that others will be able to show it.
"""

import io
import warnings
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from realtime.chat.images import gif, png, png_colours, png_pixels, webp
from realtime.chat.images.jpeg_pixels import closed
from realtime.chat.images.model import UPRIGHT, Extension, Frame, Scan
from realtime.chat.images.turn import TURNS, as_shown, turned_jpeg, turned_png, upright
from realtime.errors import NotAGif

READERS: Mapping[Extension, type[ImageFile]] = {
    "gif": GifImagePlugin.GifImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "png": PngImagePlugin.PngImageFile,
    "jpg": JpegImagePlugin.JpegImageFile,
}

POSTER_SIDE = 960  # pixels at most: twice the width of a message, for dense screens
POSTER_QUALITY = 75
EXACT_PIXELS = 128 * 128  # up to so many a poster loses nothing: of few pixels each is seen, and they cost little


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
    data, orientation = found.kept, found.orientation
    frames: Iterator[Frame] = iter((Frame(0, 0, found.width, found.height, data),))
    if found.extension == "png":
        taken = png_pixels.mended(png.taken_apart(data))
        data, frames = taken.encoded(), png_pixels.frames(taken)
    elif found.extension == "gif":
        frames = gif.frames(data)
    elif found.extension == "webp":
        frames = webp.frames(data)
    elif found.open_at is not None:
        data = closed(data, found.open_at)
        frames = iter((Frame(0, 0, found.width, found.height, data),))
    poster = None
    for number, frame in enumerate(frames):
        image = _decoded(found.extension, frame)
        if number == found.still:
            colours = png_colours.profile(taken.chunks) if found.extension == "png" else None
            poster = _poster(found, frame, image, colours or image.info.get("icc_profile"))
    if orientation != UPRIGHT:
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            data = turned_jpeg(image, orientation)
        else:
            data = turned_png(taken, orientation).encoded()
    return Finished(data, *upright((found.width, found.height), orientation), poster)


def _decoded(extension: Extension, frame: Frame) -> Image.Image:
    """Return a frame, decoded alone: Pillow would read on in the next where it has too little data."""
    if not frame.still:
        return Image.new("RGBA", (frame.width, frame.height))
    with READERS[extension](io.BytesIO(frame.still)) as image:
        if image.size != (frame.width, frame.height):  # before its pixels: only what `scan` has judged is decoded
            raise NotAGif(reason="damaged")
        image.load()
        return image


def _poster(found: Scan, frame: Frame, image: Image.Image, profile: bytes | None) -> bytes:
    """Return what the canvas shows first, as a small WebP: transparent where the frame is, or does not reach."""
    shown = as_shown(image)
    if shown.size != (found.width, found.height):
        canvas = Image.new("RGBA", (found.width, found.height))
        canvas.paste(shown, (frame.left, frame.top))
        shown = canvas
    if found.orientation != UPRIGHT:
        shown = shown.transpose(TURNS[found.orientation])
    shown.thumbnail((POSTER_SIDE, POSTER_SIDE))
    file = io.BytesIO()
    exact = shown.width * shown.height <= EXACT_PIXELS
    shown.save(file, "WEBP", quality=POSTER_QUALITY, lossless=exact, icc_profile=profile or b"")
    return file.getvalue()
