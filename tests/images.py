"""Images made for the tests; no file of anybody else's is kept."""

import io
import random
import struct

from PIL import Image

SIZE = (40, 30)


def noise(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return a picture that no encoder can make small, so that cutting its file cuts pixels."""
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(3 * size[0] * size[1]))


def encoded(format_name: str, frames: int = 1, size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """Return a file of that format: GIF, WEBP, PNG or JPEG."""
    first, *others = (noise(seed, size) for seed in range(frames))
    if others:
        options |= {"save_all": True, "append_images": others, "duration": 50}
    file = io.BytesIO()
    first.save(file, format_name, **options)
    return file.getvalue()


def gif_of(frames: int, width: int, height: int, frame_size: tuple[int, int] = (1, 1)) -> bytes:
    """Return a small GIF whose headers claim a canvas of any size and which has that many frames."""

    def short(number: int) -> bytes:
        return number.to_bytes(2, "little")

    screen = b"GIF89a" + short(width) + short(height) + b"\x80\x00\x00" + bytes(6)
    frame = b"," + bytes(4) + short(frame_size[0]) + short(frame_size[1]) + b"\x00" + b"\x02\x02\x44\x01\x00"
    return screen + frame * frames + b";"


def lzw(codes: bytes, longest: int = 255) -> bytes:
    """Return codes of eight bits as the data of a GIF's frame: pixels below 128, 0x80 to begin anew, 0x81 to end."""
    blocks = (codes[at : at + longest] for at in range(0, len(codes), longest))
    return b"\x07" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00"


def gif_of_size(size_bytes: int) -> bytes:
    """Return a good GIF of exactly that many bytes, which all belong to its pixels: what pads it is "begin anew"."""
    width, height = SIZE
    screen = b"GIF89a" + struct.pack("<HH", width, height) + b"\xe6\x00\x00" + random.Random(1).randbytes(3 * 128)
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    # Less than 126 codes after each beginning, so that all codes stay eight bits long.
    pixels = b"".join(b"\x80" + bytes([line]) * 100 for line in range(width * height // 100)) + b"\x81"
    room = size_bytes - len(screen + frame + lzw(b"") + b";")
    for longest in (255, 254):  # the longest block: one of the two leaves no block that would have to be empty
        codes = room - -(-room // (longest + 1))
        made = screen + frame + lzw(b"\x80" * (codes - len(pixels)) + pixels, longest) + b";"
        if len(made) == size_bytes:
            return made
    raise AssertionError(size_bytes)
