"""Detecting a file's type and checking it against the limits, before any pixel is decoded. Pure."""

import struct

from realtime.chat.images import gif, jpeg, png, png_file, webp
from realtime.chat.images.model import ImageLimits, Scan
from realtime.errors import GifTooLarge, NotAGif

MEGAPIXEL = 1_000_000

# The brands of the HEIF files (ISO/IEC 23008-12) that phones write: HEIC and AVIF.
HEIF_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"))


def scan(data: bytes, limits: ImageLimits) -> Scan:
    """Parse the blocks of `data`. Raises NotAGif or GifTooLarge."""
    try:
        found = _scan(data)
    except (IndexError, struct.error) as error:  # the blocks extend beyond the end
        raise NotAGif(reason="damaged") from error
    _check(found, limits)
    return found


def _scan(data: bytes) -> Scan:
    if data.startswith(gif.SIGNATURES):
        return gif.scan(data)
    if data.startswith(png_file.SIGNATURE):
        return png.scan(data)
    if data.startswith(jpeg.SIGNATURE):
        return jpeg.scan(data)
    if webp.is_webp(data):
        return webp.scan(data)
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        raise NotAGif(reason="heic")
    raise NotAGif


def _check(found: Scan, limits: ImageLimits) -> None:
    pixels = max(found.width * found.height, found.frame_pixels)
    if pixels > limits.frame_pixels:
        raise GifTooLarge(reason="frame", limit=megapixels(limits.frame_pixels))
    if found.frames > limits.frames:
        raise GifTooLarge(reason="frames", limit=limits.frames)
    if pixels * found.frames > limits.all_pixels:
        raise GifTooLarge(reason="all", limit=megapixels(limits.all_pixels))


def megapixels(pixels: int) -> float:
    """Return the number in megapixels, as an int if it is whole: 25, not 25.0."""
    return pixels // MEGAPIXEL if pixels % MEGAPIXEL == 0 else pixels / MEGAPIXEL
