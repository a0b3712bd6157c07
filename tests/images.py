"""Images generated for the tests, so that no third-party file is needed."""

import io
import random
import struct
import zlib

from PIL import Image, ImageCms

from realtime.chat.images import icc

SIZE = (40, 30)


def noise(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture that does not compress, so that truncating its file truncates pixels."""
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(3 * size[0] * size[1]))


def encoded(format_name: str, frames: int = 1, size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """Return a file of that format: GIF, WEBP, PNG or JPEG."""
    first, *others = (noise(seed, size) for seed in range(frames))
    if others:
        options = {"save_all": True, "append_images": others, "duration": 50, **options}
    file = io.BytesIO()
    first.save(file, format_name, **options)
    return file.getvalue()


def gif_of(frames: int, width: int, height: int, frame_size: tuple[int, int] = (1, 1)) -> bytes:
    """Return a small GIF with that many frames, whose headers claim a canvas of any size."""

    def short(number: int) -> bytes:
        return number.to_bytes(2, "little")

    screen = b"GIF89a" + short(width) + short(height) + b"\x80\x00\x00" + bytes(6)
    frame = b"," + bytes(4) + short(frame_size[0]) + short(frame_size[1]) + b"\x00" + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b";"


def lzw(codes: bytes, longest: int = 255) -> bytes:
    """Return 8-bit LZW codes as the data of a GIF frame: pixels below 128, 0x80 is clear, 0x81 is end."""
    blocks = (codes[at : at + longest] for at in range(0, len(codes), longest))
    return b"\x07" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00"


def gif_of_size(size_bytes: int) -> bytes:
    """Return a valid GIF of exactly that many bytes, padded with LZW clear codes inside the pixel data."""
    width, height = SIZE
    screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\xe6\x00\x00" + random.Random(1).randbytes(3 * 128)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    # Fewer than 126 codes after each clear code, so that all codes stay eight bits long.
    pixels = b"".join(b"\x80" + bytes([line]) * 100 for line in range(width * height // 100)) + b"\x81"
    room = size_bytes - len(screen + frame + lzw(b"") + b";")
    for longest in (255, 254):  # the longest block: one of the two avoids an empty block
        codes = room - -(-room // (longest + 1))
        made = screen + frame + lzw(b"\x80" * (codes - len(pixels)) + pixels, longest) + b";"
        if len(made) == size_bytes:
            return made
    raise AssertionError(size_bytes)


# -- blocks of each format, for files that no program would write


def gif_extension(label: int, *blocks: bytes) -> bytes:
    """Return a GIF extension: 0xFE is a comment, 0xFF an application's, 0x01 plain text, 0xF9 timing."""
    return b"!" + bytes([label]) + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00"


def png_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def webp_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)


def webp_of(*chunks: bytes) -> bytes:
    """Return a WebP file made of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Return a JPEG segment: 0xE0 to 0xEF are application segments, 0xFE is a comment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_extra(whole: bytes, *blocks: bytes) -> bytes:
    """Return an image with extra blocks of its own format, inserted as early as the format allows."""
    if whole.startswith(b"GIF"):
        at = 13 + (3 << ((whole[10] & 7) + 1) if whole[10] & 0x80 else 0)
    elif whole.startswith(b"\x89PNG"):
        at = 33
    elif whole.startswith(b"RIFF"):
        at = 30 if whole[12:16] == b"VP8X" else len(whole)
        return webp_of(whole[12:at], *blocks, whole[at:])
    else:
        at = 2
    return whole[:at] + b"".join(blocks) + whole[at:]


def exif(orientation: int = 1) -> Image.Exif:
    """Return Exif as a phone writes it: orientation, maker, place and time."""
    written = Image.Exif()
    written[0x0112] = orientation
    written[0x010F] = "Kamera"
    written[0x0132] = "2024:05:05 12:00:00"
    written.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 59.0), 3: "E", 4: (126.0, 58.0, 41.0)})
    return written


def profile() -> bytes:
    """Return a colour profile of which everything is kept."""
    return icc.profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
