"""Rotating images upright with Pillow, as losslessly as their format allows."""

import io
import struct

from PIL import Image, JpegImagePlugin

from realtime.chat.images.model import FIRST_SIDEWAYS
from realtime.chat.images.png import parse
from realtime.chat.images.png_file import INDEXED, Picture, Png
from realtime.chat.images.png_pixels import frames

# The transposition that makes an image upright, by its EXIF orientation.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
FROM_THE_RIGHT, FROM_BELOW = (2, 3, 7, 8), (3, 4, 6, 7)  # orientations in which that side becomes the left, the top

HALF_WIDTH_SAMPLING = 1  # 4:2:2 in Pillow
FULL_SAMPLING = 0  # 4:4:4

SAMPLE_CHUNKS = (b"PLTE", b"tRNS", b"sBIT", b"bKGD")  # depend on the colour type


def turned_jpeg(image: JpegImagePlugin.JpegImageFile, orientation: int) -> bytes:
    """Return the JPEG rotated, with almost no loss: the quantization tables and sampling are rotated with it."""
    sampling = JpegImagePlugin.get_sampling(image)
    sideways = orientation >= FIRST_SIDEWAYS
    if sampling not in (0, 1, 2) or (sideways and sampling == HALF_WIDTH_SAMPLING):
        sampling = FULL_SAMPLING
    tables = [image.quantization[table] for _, _, _, table in image.layer]
    if sideways:
        tables = [[table[8 * (at % 8) + at // 8] for at in range(64)] for table in tables]
    file = io.BytesIO()
    image.transpose(TURNS[orientation]).save(
        file,
        "JPEG",
        icc_profile=image.info.get("icc_profile"),
        qtables=tables,
        subsampling=sampling,
        progressive=bool(image.info.get("progressive")),
        optimize=True,
    )
    return file.getvalue()


def turned_png(png: Png, orientation: int) -> Png:
    """Return the PNG with all pictures and their positions rotated.

    A still image keeps its colour type. Animations and one-bit grey with transparency become RGBA, because Pillow would
    not store all frames of the former alike, nor the latter unchanged.
    """
    as_stored = png.plays is None and (png.header[8] > 1 or b"tRNS" not in png.chunks or png.colour == INDEXED)
    pictures: list[Picture] = []
    header, chunks = b"", png.chunks
    for picture, frame in zip(png.pictures, frames(png), strict=True):
        with Image.open(io.BytesIO(frame.still), formats=["PNG"]) as image:
            stored = image if as_stored else as_rgb(image)
            turned = io.BytesIO()
            stored.transpose(TURNS[orientation]).save(turned, "PNG")
        alone = parse(turned.getvalue())
        header, chunks = alone.header, alone.chunks
        left = png.width - frame.left - frame.width if orientation in FROM_THE_RIGHT else frame.left
        top = png.height - frame.top - frame.height if orientation in FROM_BELOW else frame.top
        place = struct.pack(">4I", alone.width, alone.height, *upright((left, top), orientation))
        pictures.append(Picture(picture.control and place + picture.control[16:], alone.pictures[0].data))
    size = struct.pack(">II", *upright((png.width, png.height), orientation))
    kept = {name: body for name, body in png.chunks.items() if name not in SAMPLE_CHUNKS}
    kept |= {name: body for name, body in chunks.items() if name in SAMPLE_CHUNKS}
    return Png(size + header[8:], kept, pictures, png.plays)


def upright(sides: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return a pair of x and y values as they are after rotation."""
    return (sides[1], sides[0]) if orientation >= FIRST_SIDEWAYS else sides


def as_rgb(image: Image.Image) -> Image.Image:
    """Return the image as RGBA if it has transparency, else as RGB."""
    if image.mode.startswith("I"):  # Pillow would clip 16-bit values to 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
        image.info.pop("transparency", None)  # a 16-bit value, too
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
