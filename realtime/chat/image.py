"""What an image's bytes really are, whatever their name or declared type says. Pure: bytes in, `Picture` out.

Pillow decides. It is held to four formats, since it can read dozens that no browser draws. Sizes come from the headers
and are judged before a pixel is decoded; then every frame is decoded, because only that shows that the image is whole.
Two things Pillow lets pass are looked at here: a GIF and a PNG that stop short of their own end marker.
"""

import io
import struct
import warnings

import msgspec
from PIL import Image

from realtime.errors import DomainError, GifTooLarge, NotAGif

FRAME_PIXELS = 25_000_000
ALL_PIXELS = 100_000_000

# Pillow's own guard, which acts before a decoder allocates a canvas: it warns beyond this and raises beyond its double.
# All of that is refused below, so the warning would only be noise on the operator's screen.
Image.MAX_IMAGE_PIXELS = FRAME_PIXELS
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# What Pillow calls a format → the extension it is kept under. MPO is how it names a photo that carries a second one.
EXTENSIONS = {"GIF": "gif", "WEBP": "webp", "PNG": "png", "JPEG": "jpg", "MPO": "jpg"}
ACCEPTED = ("GIF", "WEBP", "PNG", "JPEG")

EXIF_ORIENTATION = 0x0112
FIRST_SIDEWAYS = 5  # EXIF orientations 5 to 8 lie on their side, and browsers put them upright


class Picture(msgspec.Struct, frozen=True):
    """An image that can be shown: its extension without a dot, the pixels it is shown in, and its frames."""

    extension: str
    width: int
    height: int
    frames: int


def examine(data: bytes) -> Picture:
    """Decode all of `data` and return what it is.

    Raises NotAGif when it is none of the accepted formats, damaged or cut short, and GifTooLarge when a frame has more
    than FRAME_PIXELS or all frames together more than ALL_PIXELS. It may take a second and 200 MB: not for the loop.
    """
    try:
        with Image.open(io.BytesIO(data), formats=ACCEPTED) as image:
            return _decoded(image, data)
    except DomainError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise GifTooLarge from error
    except Exception as error:
        # Pillow meets a crafted file with nearly any exception: OSError, SyntaxError, ValueError, struct.error, …
        raise NotAGif from error


def _decoded(image: Image.Image, data: bytes) -> Picture:
    extension = EXTENSIONS[image.format or ""]
    # Only the first picture of a JPEG is ever shown.
    frames: int = 1 if extension == "jpg" else getattr(image, "n_frames", 1)
    for frame in range(frames):
        _check_size(image, frames)
        image.seek(frame)
        _check_size(image, frames)  # a GIF's later frame may enlarge the canvas
        image.load()
    if extension == "gif":
        _find_gif_end(data)
    elif extension == "png":
        _find_png_end(data)
    width, height = image.size
    if extension == "jpg" and image.getexif().get(EXIF_ORIENTATION, 1) >= FIRST_SIDEWAYS:
        width, height = height, width
    return Picture(extension, width, height, frames)


def _check_size(image: Image.Image, frames: int) -> None:
    pixels = image.width * image.height
    if not pixels:
        raise NotAGif
    if pixels > FRAME_PIXELS or pixels * frames > ALL_PIXELS:
        raise GifTooLarge


def _find_gif_end(data: bytes) -> None:
    """Follow a GIF's blocks to its trailer (GIF89a section 27); IndexError where they lead beyond `data`."""

    def colours(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    at = 13 + colours(data[10])
    while (introducer := data[at]) != ord(";"):
        if introducer == ord(","):
            at += 11 + colours(data[at + 9])
        elif introducer == ord("!"):
            at += 2
        else:  # stray bytes between blocks, which Pillow and the browsers pass over too
            at += 1
            continue
        while length := data[at]:
            at += 1 + length
        at += 1


def _find_png_end(data: bytes) -> None:
    """Follow a PNG's chunks to a whole IEND (PNG section 5.6); struct.error where they lead beyond `data`."""
    at = 8
    name = b""
    while name != b"IEND":
        length: int
        length, name = struct.unpack_from(">I4s", data, at)
        at += 12 + length
    if at > len(data):
        raise NotAGif
