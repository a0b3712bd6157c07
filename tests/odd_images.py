"""Images as real encoders, cameras and pipes write them, and what a browser shows of each.

The table for tests/browser/test_odd_images.py, which measures `shows` in the browser.
"""

import io
import struct
import zlib
from typing import NamedTuple

from PIL import Image

from realtime.chat.images.png_colours import profile as colours
from tests.images import exif, gif_extension, jpeg_segment, png_chunk, profile, webp_chunk, webp_of
from tests.profiles import APPLIED, IGNORED, SRGB, shown

WIDTH, HEIGHT = SIZE = 40, 30
ZIP = b"PK\x03\x04 an archive"

STILL, MOVING = "40×30", "40×30, 2 frames, for ever"
ONCE, NOTHING = "40×30, 2 frames, once", "nothing"


class Odd(NamedTuple):
    """An image, and what becomes of it."""

    name: str
    data: bytes
    shows: str  # in the browser
    like: bytes | None = None  # the cleaned image looks like this one; None: like `data`
    refused: bool = False  # as damaged
    applies: bytes | None = None  # the same without its profile, which looks otherwise


def picture(number: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture of smooth colours, different for each number."""
    gradient = Image.linear_gradient("L")
    bands = (gradient.resize(size), gradient.rotate(90 * number).resize(size), Image.new("L", size, 60 * number))
    return Image.merge("RGB", bands)


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


# -- GIF


def gif_frame(number: int, *, at: tuple[int, int] = (0, 0), size: tuple[int, int] = SIZE, flags: int = 0) -> bytes:
    """Return a frame with its timing and its own colour table."""
    alone = saved(picture(number, size).quantize(32), "GIF", interlace=flags >> 6)
    colours = 3 << ((alone[10] & 7) + 1)
    pixels = alone[alone.index(b",\0\0\0\0", 13 + colours) + 10 : -1]
    described = struct.pack("<HHHHB", *at, *size, 0x80 | (alone[10] & 7) | flags)
    return gif_extension(0xF9, b"\x04\x0a\0\0") + b"," + described + alone[13 : 13 + colours] + pixels


def gif(*blocks: bytes, size: tuple[int, int] = SIZE, end: bytes = b";") -> bytes:
    return b"GIF89a" + struct.pack("<HH", *size) + bytes(3) + b"".join(blocks) + end


def loop(times: int, application: bytes = b"NETSCAPE2.0") -> bytes:
    return gif_extension(0xFF, application, b"\x01" + struct.pack("<H", times))


ONE, TWO = gif_frame(1), gif_frame(2)
GIF = gif(loop(0), ONE, TWO)

GIFS = [
    Odd("GIF", GIF, MOVING),
    Odd("zeros appended, as gif.js 0.2.0 leaves them", GIF + bytes(4000), MOVING),
    Odd("an archive appended", GIF + ZIP, MOVING),
    Odd("a second picture appended", GIF + gif(ONE), MOVING),
    Odd("no trailer, as gifenc without finish()", GIF[:-1], MOVING),
    Odd("no trailer, zeros appended", GIF[:-1] + bytes(9), MOVING),
    Odd("no trailer, an archive appended", GIF[:-1] + ZIP, MOVING),
    Odd("no end of the last pixels", GIF[:-2], MOVING),
    Odd("an unfinished comment at the end", GIF[:-1] + b"!\xfe\x09cut", MOVING),
    Odd("zeros between frames", gif(loop(0), ONE, bytes(2), TWO), STILL),
    Odd("zeros before all frames", gif(loop(0), bytes(2), ONE, TWO), "40×30", refused=True),
    Odd("cut in the pixels", GIF[:-300], MOVING, refused=True),
    Odd("a later frame is too large", gif(loop(0), ONE, gif_frame(2, size=(60, 50))), MOVING),
    Odd("a later frame begins too low", gif(loop(0), ONE, gif_frame(2, at=(10, 20))), MOVING),
    Odd("a later frame lies outside", gif(loop(0), ONE, gif_frame(2, at=(90, 90))), MOVING),
    Odd("the first frame is wider", gif(gif_frame(1, size=(60, 20)), TWO), "60×30, 2 frames, once"),
    Odd("the first frame begins lower", gif(gif_frame(1, at=(9, 9)), TWO), "49×39, 2 frames, once"),
    Odd("a still frame is wider", gif(gif_frame(1, size=(60, 20))), "60×30"),
    Odd("the first frame is smaller", gif(gif_frame(1, at=(9, 9), size=(20, 10)), TWO), ONCE),
    Odd("a screen of no size", gif(ONE, TWO, size=(0, 0)), ONCE),
    Odd("a screen of no width", gif(ONE, TWO, size=(0, 50)), "40×50, 2 frames, once"),
    Odd(
        "a frame of no size",
        gif(ONE, gif_frame(1, size=(1, 1)).replace(b"\1\0\1\0", bytes(4)), TWO),
        "40×30, 3 frames, once",
    ),
    Odd("interlaced", gif(loop(0), gif_frame(1, flags=0x40), gif_frame(2, flags=0x40)), MOVING),
    Odd("loops: 1, then 0", gif(loop(1), loop(0), ONE, TWO), MOVING),
    Odd("loops: 0, then 3", gif(loop(0), loop(3), ONE, TWO), "40×30, 2 frames, 3 times more"),
    Odd("loops: one before, one at the end", gif(loop(3), ONE, TWO, loop(0)), MOVING),
    Odd("loops: of two programs", gif(loop(3, b"ANIMEXTS1.0"), loop(0), ONE, TWO), MOVING),
    Odd("loops: between a frame and its timing", gif(ONE[:8], loop(0), ONE[8:], TWO), MOVING),
    Odd("a loop after the end", GIF + loop(3), MOVING),
]

# -- PNG

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 0))
END = png_chunk(b"IEND", b"")
LYING = png_chunk(b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0"))
TEXT = png_chunk(b"tEXt", b"a\0text")


def rows(number: int, size: tuple[int, int] = SIZE) -> bytes:
    pixels, line = picture(number, size).tobytes(), 3 * size[0]
    return b"".join(b"\0" + pixels[at : at + line] for at in range(0, len(pixels), line))


def idat(number: int = 1, behind: bytes = b"") -> bytes:
    return png_chunk(b"IDAT", zlib.compress(rows(number)) + behind)


def fdat(sequence: int, number: int = 2, size: tuple[int, int] = SIZE) -> bytes:
    return png_chunk(b"fdAT", struct.pack(">I", sequence) + zlib.compress(rows(number, size)))


def fctl(sequence: int, size: tuple[int, int] = SIZE, at: tuple[int, int] = (0, 0)) -> bytes:
    return png_chunk(b"fcTL", struct.pack(">5IHHBB", sequence, *size, *at, 1, 10, 0, 0))


def actl(frames: int) -> bytes:
    return png_chunk(b"acTL", struct.pack(">II", frames, 0))


def png(*chunks: bytes, end: bytes = END) -> bytes:
    return SIGNATURE + HEADER + b"".join(chunks) + end


def wrong(chunk: bytes) -> bytes:
    """Return a chunk with a wrong checksum."""
    return chunk[:-1] + bytes([chunk[-1] ^ 1])


PNG = png(idat())
FRAMES = [fctl(0), idat(), fctl(1), fdat(2)]
APNG = png(actl(2), *FRAMES)
GAMMA = png_chunk(b"gAMA", struct.pack(">I", 100_000))
WIDE = png_chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000))
LINEAR = colours({b"gAMA": struct.pack(">I", 100_000)}) or b""
DEFLATED = zlib.compress(rows(1))
UNENDED = zlib.compressobj()

PNGS = [
    Odd("PNG", PNG, STILL),
    Odd("a line feed appended", PNG + b"\n", STILL),
    Odd("a second picture appended", PNG + png(idat(2)), STILL),
    Odd("no end mark", png(idat(), end=b""), STILL),
    Odd("no end mark, nor the last checksums", png(idat(), end=b"")[:-8], STILL),
    Odd("an archive for an end mark", png(idat(), end=ZIP), STILL),
    Odd("a wrong checksum on the end mark", png(idat(), end=wrong(END)), STILL),
    Odd("something in the end mark", png(idat(), end=png_chunk(b"IEND", b"body")), STILL),
    Odd("cut in the pixels", png(idat(), end=b"")[:-80], STILL, refused=True),
    Odd("a wrong checksum on a text", png(wrong(TEXT), idat()), STILL),
    Odd("a wrong checksum on a gamma", png(wrong(GAMMA), idat()), STILL, like=PNG),
    Odd("a wrong checksum on a profile", png(wrong(png_chunk(b"iCCP", b"a\0\0b")), idat()), STILL, like=PNG),
    Odd("a wrong checksum on the pixels", png(wrong(idat())), STILL, like=PNG),
    Odd("two gammas", png(GAMMA, png_chunk(b"gAMA", bytes(4)), idat()), STILL, like=png(GAMMA, idat())),
    Odd("a gamma after the pixels", png(idat(), GAMMA), STILL, like=PNG),
    Odd("a byte after the zlib stream", png(idat(behind=b"\0")), STILL, like=PNG),
    Odd("a chunk after the zlib stream", png(idat(), png_chunk(b"IDAT", ZIP)), STILL, like=PNG),
    Odd("more rows", png(png_chunk(b"IDAT", zlib.compress(rows(1) + bytes(400)))), STILL, like=PNG),
    Odd("a wrong Adler-32", png(png_chunk(b"IDAT", DEFLATED[:-4] + b"1234")), STILL, like=PNG),
    Odd("no Adler-32", png(png_chunk(b"IDAT", DEFLATED[:-4])), STILL, like=PNG),
    Odd("no last block", png(png_chunk(b"IDAT", UNENDED.compress(rows(1)) + UNENDED.flush(zlib.Z_SYNC_FLUSH))), STILL),
    Odd(
        "empty chunks", png(*(png_chunk(b"IDAT", part) for part in (b"", DEFLATED[:9], b"", DEFLATED[9:], b""))), STILL
    ),
    Odd("two runs of chunks", png(idat(), TEXT, idat(2)), STILL, like=PNG),
    Odd("an unknown chunk after the pixels", png(idat(), png_chunk(b"ABCD", b"needed")), STILL),
    Odd("lying on its side", png(LYING, idat()), "30×40"),
    Odd("lying on its side, orientation late", png(idat(), LYING), STILL),
    Odd("lying, with a gamma", png(GAMMA, LYING, idat()), "30×40"),
    Odd("APNG", APNG, MOVING),
    Odd("animated, with a gamma", png(GAMMA, actl(2), *FRAMES), MOVING),
    Odd(
        "moving, in other primaries", png(png_chunk(b"gAMA", struct.pack(">I", 50993)), WIDE, actl(2), *FRAMES), MOVING
    ),
    Odd("animated, in coded colours", png(png_chunk(b"cICP", b"\x09\x01\0\1"), GAMMA, actl(2), *FRAMES), MOVING),
    Odd("animated, in unknown coded colours", png(png_chunk(b"cICP", b"\2\2\0\1"), GAMMA, actl(2), *FRAMES), MOVING),
    Odd(
        "moving, a profile before all",
        png(GAMMA, png_chunk(b"iCCP", b"a\0\0" + zlib.compress(profile())), actl(2), *FRAMES),
        MOVING,
    ),
    Odd("animated, data appended", APNG + bytes(9), MOVING),
    Odd("animated, no end mark", png(actl(2), *FRAMES, end=b""), MOVING),
    Odd("animated, a wrong checksum on the last pixels", png(actl(2), *FRAMES[:3], wrong(FRAMES[3])), MOVING),
    Odd("announces 4294967295 frames and has one, as ffmpeg into a pipe", png(actl(2**32 - 1), idat()), STILL),
    Odd("announces 4294967295 frames and has two", png(actl(2**32 - 1), *FRAMES), STILL),
    Odd("announces none", png(actl(0), *FRAMES), STILL),
    Odd("announces one of two", png(actl(1), *FRAMES), STILL),
    Odd("announces three of two", png(actl(3), *FRAMES), MOVING),
    Odd("announces two of three", png(actl(2), *FRAMES, fctl(3), fdat(4, 3)), MOVING),
    Odd("announces twice", png(actl(2), actl(1), *FRAMES), MOVING),
    Odd("announces late", png(FRAMES[0], actl(2), *FRAMES[1:]), MOVING),
    Odd("announces with a wrong checksum", png(wrong(actl(2)), *FRAMES), STILL),
    Odd("a first frame for nothing", png(actl(2), fctl(0), fctl(1), idat(), fctl(2), fdat(3)), MOVING),
    Odd("a last frame for nothing", png(actl(3), *FRAMES, fctl(3)), MOVING),
    Odd("a later frame beyond the canvas", png(actl(3), *FRAMES, fctl(3, at=(10, 0)), fdat(4, 3)), MOVING),
    Odd("numbers with a gap", png(actl(3), *FRAMES, fctl(5), fdat(6, 3)), MOVING),
    Odd("a later frame with a wrong checksum", png(actl(2), *FRAMES[:2], wrong(fctl(1)), fdat(2)), STILL),
    Odd(
        "the first frame is smaller, as Pillow writes it",
        png(actl(2), fctl(0, (20, 10)), *FRAMES[1:]),
        NOTHING,
        refused=True,
    ),
    Odd("a hidden picture", png(actl(2), idat(3), fctl(0), fdat(1), fctl(2), fdat(3)), MOVING),
    Odd(
        "a hidden picture, the first frame smaller",
        png(actl(2), idat(3), fctl(0, (20, 10), (4, 4)), fdat(1, 2, (20, 10)), fctl(2), fdat(3)),
        MOVING,
    ),
    Odd(
        "a hidden picture that is too small, as Pillow writes it",
        png(actl(1), png_chunk(b"IDAT", zlib.compress(rows(3, (20, 10)))), fctl(0), fdat(1)),
        STILL,
    ),
    Odd(
        "moving, lying on its side",
        png(LYING, actl(2), *FRAMES[:2], fctl(1, (20, 10), (3, 5)), fdat(2, 2, (20, 10))),
        "30×40, 2 frames, for ever",
    ),
]


def grey(bits: int, *chunks: bytes) -> bytes:
    """Return a PNG of two greys, in bands, of which the second is transparent."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, bits, 0, 0, 0, 0))
    levels = 2**bits // 3, 2**bits - 1
    bands = b"".join(
        b"\0" + bytes([sum(level << at for at in range(0, 8, bits))]) * (WIDTH * bits // 8)
        for level in (levels[row // 6 % 2] for row in range(HEIGHT))
    )
    pixels = zlib.compress(bands)
    moving = (actl(2), fctl(0), png_chunk(b"IDAT", pixels), fctl(1), png_chunk(b"fdAT", struct.pack(">I", 2) + pixels))
    leading = (png_chunk(b"tRNS", struct.pack(">H", levels[1])), *chunks)
    return SIGNATURE + header + b"".join(leading) + (b"".join(moving) if not chunks else moving[2]) + END


PNGS += [Odd(f"grey of {bits} bits, moving", grey(bits), MOVING) for bits in (1, 2, 4, 8)]
PNGS += [Odd(f"grey of {bits} bits, lying on its side", grey(bits, LYING), "30×40") for bits in (1, 2, 4, 8)]

# -- JPEG

JPEG = saved(picture(1), "JPEG")
PROGRESSIVE = saved(picture(1), "JPEG", progressive=True)
IN_PARTS = saved(picture(1), "JPEG", restart_marker_blocks=1)
AT = JPEG.index(b"\xff\xda")

JPEGS = [
    Odd("JPEG", JPEG, STILL),
    Odd("a second picture appended", JPEG + PROGRESSIVE, STILL),
    # The browser does not show the last rows of some of these.
    Odd("no end mark", JPEG[:-2], STILL, like=JPEG),
    Odd("half an end mark", JPEG[:-1], STILL, like=JPEG),
    Odd("zeros for an end mark", JPEG[:-2] + bytes(9), STILL, like=JPEG),
    Odd("an archive for an end mark", JPEG[:-2] + ZIP, STILL, like=JPEG),
    Odd("a comment for an end mark", JPEG[:-2] + jpeg_segment(0xFE, b"comment"), STILL, like=JPEG),
    Odd("progressive, no end mark", PROGRESSIVE[:-2], STILL, like=PROGRESSIVE),
    Odd("with restart markers, no end mark", IN_PARTS[:-2], STILL, like=IN_PARTS),
    Odd("cut in the pixels", JPEG[:-40], STILL, refused=True),
    Odd("progressive, cut in the pixels", PROGRESSIVE[:-40], STILL, refused=True),
    Odd("with restart markers, cut in the pixels", IN_PARTS[:-8], STILL, refused=True),
    Odd("bytes between segments", JPEG[:20] + b"\0junk" + JPEG[20:AT] + b"\0\0" + JPEG[AT:], STILL),
    Odd("fill bytes and stray markers", JPEG[:20] + b"\xff\x01" + JPEG[20:AT] + b"\xff\xff" + JPEG[AT:], STILL),
    Odd("without JFIF", JPEG[:2] + JPEG[20:], STILL),
    Odd("CMYK", saved(picture(1).convert("CMYK"), "JPEG"), STILL),
]

# -- WebP

LOSSY = [saved(picture(number), "WEBP", quality=90)[12:] for number in range(1, 4)]
SMALL = saved(picture(3, (20, 10)), "WEBP", quality=90)[12:]
WEBP = webp_of(LOSSY[1])
TRANSPARENT = picture(1).convert("RGBA")
TRANSPARENT.putalpha(Image.linear_gradient("L").resize(SIZE))
PROFILE = webp_chunk(b"ICCP", LINEAR)
ANIM = webp_chunk(b"ANIM", bytes(6))


def uint24(*numbers: int) -> bytes:
    return b"".join(struct.pack("<I", number)[:3] for number in numbers)


def vp8x(flags: int) -> bytes:
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + uint24(WIDTH - 1, HEIGHT - 1))


def anmf(*chunks: bytes, size: tuple[int, int] = SIZE, at: int = 0) -> bytes:
    header = uint24(at // 2, at // 2, size[0] - 1, size[1] - 1, 80) + b"\0"
    return webp_chunk(b"ANMF", header + b"".join(chunks))


MOVING_WEBP = webp_of(vp8x(2), ANIM, anmf(LOSSY[0]), anmf(LOSSY[1]))

WEBPS = [
    Odd("WebP", WEBP, STILL),
    Odd("animated", MOVING_WEBP, MOVING),
    Odd("a line feed appended", WEBP + b"\n", STILL),
    Odd("zeros appended", MOVING_WEBP + bytes(9), MOVING),
    Odd("a second picture appended, as ImageMagick 6 writes it", MOVING_WEBP + WEBP, MOVING),
    Odd("cut", WEBP[:-9], STILL, refused=True),
    Odd("too short a size", WEBP[:4] + struct.pack("<I", len(WEBP) - 10) + WEBP[8:], NOTHING, refused=True),
    Odd("lying on its side", saved(picture(1), "WEBP", exif=exif(6)), STILL),
    Odd("transparent, not announced", webp_of(vp8x(0), saved(TRANSPARENT, "WEBP", lossless=True)[12:]), STILL),
    Odd("a profile", webp_of(vp8x(0x20), PROFILE, LOSSY[0]), STILL),
    Odd("a profile that is not announced", webp_of(vp8x(0), PROFILE, LOSSY[0]), STILL, like=webp_of(LOSSY[0])),
    Odd("a profile after another", webp_of(vp8x(0x20), webp_chunk(b"ICCP", b"none"), PROFILE, LOSSY[0]), STILL),
    Odd(
        "two loops",
        webp_of(vp8x(2), webp_chunk(b"ANIM", bytes(4) + b"\3\0"), ANIM, anmf(LOSSY[0]), anmf(LOSSY[1])),
        "40×30, 2 frames, 2 times more",
    ),
    Odd(
        "moving, lying on its side",
        saved(picture(1), "WEBP", save_all=True, append_images=[picture(2)], exif=exif(6)),
        MOVING,
    ),
    Odd("the first frame is smaller", webp_of(vp8x(2), ANIM, anmf(SMALL, size=(20, 10), at=4), anmf(LOSSY[1])), MOVING),
    Odd(
        "a frame of another size than it says", webp_of(vp8x(2), ANIM, anmf(SMALL), anmf(LOSSY[1], size=(9, 9))), MOVING
    ),
    Odd("a frame of nothing", webp_of(vp8x(2), ANIM, anmf(LOSSY[0]), anmf(), anmf(LOSSY[1])), MOVING),
    Odd(
        "a frame beyond the canvas",
        webp_of(vp8x(2), ANIM, anmf(LOSSY[0]), anmf(LOSSY[1], at=10)),
        NOTHING,
        refused=True,
    ),
    Odd("animated, with a profile", webp_of(vp8x(0x22), PROFILE, ANIM, anmf(LOSSY[0]), anmf(LOSSY[1])), MOVING),
]

# -- colour profiles, in the formats that take the picture's mode


def profiled(mode: str, format_name: str, profile: bytes | None) -> bytes:
    return saved(shown(mode), format_name, icc_profile=profile or b"", **({"lossless": True} if mode != "CMYK" else {}))


FORMATS = {"RGB": ("PNG", "JPEG", "WEBP"), "L": ("PNG", "JPEG"), "CMYK": ("JPEG",)}

PROFILED = [
    Odd(
        f"{name}, {format_name}",
        profiled(mode, format_name, raw),
        STILL,
        applies=None if name == SRGB else profiled(mode, format_name, None),  # that is sRGB, as without a profile
    )
    for name, (raw, mode) in APPLIED.items()
    for format_name in FORMATS[mode]
]
PROFILED += [
    Odd(f"{name}, {format_name}", profiled("RGB", format_name, raw), STILL, like=profiled("RGB", format_name, None))
    for name, raw in IGNORED.items()
    for format_name in FORMATS["RGB"]
]

ALL = {
    f"{format_name}: {odd.name}": odd
    for format_name, table in {"GIF": GIFS, "PNG": PNGS, "JPEG": JPEGS, "WebP": WEBPS, "profile": PROFILED}.items()
    for odd in table
}
