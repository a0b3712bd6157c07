"""Images put upright, as near to the original as their format can; by Pillow."""

import io
import struct

from PIL import Image, JpegImagePlugin

from realtime.chat.images.model import FIRST_SIDEWAYS
from realtime.chat.images.png import taken_apart
from realtime.chat.images.png_file import INDEXED, Picture, Png
from realtime.chat.images.png_pixels import frames

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
FROM_THE_RIGHT, FROM_BELOW = (2, 3, 7, 8), (3, 4, 6, 7)  # where the sides lie that become left and top

HALF_WIDTH_SAMPLING = 1  # 4:2:2, as Pillow counts
FULL_SAMPLING = 0  # 4:4:4

OF_SAMPLES = (b"PLTE", b"tRNS", b"sBIT", b"bKGD")  # the chunks whose meaning depends on the colour type


def turned_jpeg(image: JpegImagePlugin.JpegImageFile, orientation: int) -> bytes:
    """Return a JPEG that has lost next to nothing: it has the old one's quantization and sampling, turned with it."""
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
    """Return it with each picture turned, and its place with it.

    A still one stays as it is stored. Of one that moves Pillow would not store all frames alike, nor a grey of one bit
    that is transparent as it is: they become RGBA.
    """
    as_stored = png.plays is None and (png.header[8] > 1 or b"tRNS" not in png.chunks or png.colour == INDEXED)
    pictures: list[Picture] = []
    header, chunks = b"", png.chunks
    for picture, frame in zip(png.pictures, frames(png), strict=True):
        with Image.open(io.BytesIO(frame.still), formats=["PNG"]) as image:
            stored = image if as_stored else as_shown(image)
            turned = io.BytesIO()
            stored.transpose(TURNS[orientation]).save(turned, "PNG")
        alone = taken_apart(turned.getvalue())
        header, chunks = alone.header, alone.chunks
        left = png.width - frame.left - frame.width if orientation in FROM_THE_RIGHT else frame.left
        top = png.height - frame.top - frame.height if orientation in FROM_BELOW else frame.top
        place = struct.pack(">4I", alone.width, alone.height, *upright((left, top), orientation))
        pictures.append(Picture(picture.control and place + picture.control[16:], alone.pictures[0].data))
    size = struct.pack(">II", *upright((png.width, png.height), orientation))
    kept = {name: body for name, body in png.chunks.items() if name not in OF_SAMPLES}
    kept |= {name: body for name, body in chunks.items() if name in OF_SAMPLES}
    return Png(size + header[8:], kept, pictures, png.plays)


def upright(sides: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return the two sides of what lies so, turned upright."""
    return (sides[1], sides[0]) if orientation >= FIRST_SIDEWAYS else sides


def as_shown(image: Image.Image) -> Image.Image:
    """Return it in the colours of a screen, RGBA where it is transparent, else RGB."""
    if image.mode.startswith("I"):  # Pillow would cut sixteen bits off at 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
        image.info.pop("transparency", None)  # which would be sixteen bits, too
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
