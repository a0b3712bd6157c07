"""Images made for the tests; no file of anybody else's is kept."""

import io
import random

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


def gif_of_size(size_bytes: int) -> bytes:
    """Return a good GIF of exactly that many bytes; what pads it is a comment."""
    head, tail = encoded("GIF")[:-1], b";"
    missing = size_bytes - len(head) - len(tail)
    comment = bytearray(b"!\xfe")
    missing -= 3
    while missing > 0:
        block = min(255, missing - 1)
        comment += bytes([block]) + b"." * block
        missing -= block + 1
    made = head + bytes(comment) + b"\x00" + tail
    assert len(made) == size_bytes
    return made
