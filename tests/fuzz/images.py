"""Images: nothing but a refusal is raised, and what is stored is itself an image of which everything is kept."""

import io

from realtime.chat.images.model import ImageLimits
from realtime.chat.images.picture import finish
from realtime.chat.images.scan import scan
from realtime.errors import GifTooLarge, NotAGif
from tests.images import encoded, exif, gif_of, lzw, profile

LIMITS = ImageLimits(frame_pixels=4_096, all_pixels=40_960, frames=20)  # so that decoding takes no time
SIZE = (5, 3)

SEEDS = (
    *(encoded(name, size=SIZE) for name in ("GIF", "PNG", "WEBP", "JPEG")),
    *(encoded(name, frames=2, size=SIZE) for name in ("GIF", "PNG", "WEBP")),
    encoded("WEBP", size=SIZE, lossless=True, icc_profile=profile(), exif=exif(6)),
    encoded("JPEG", size=SIZE, progressive=True, exif=exif(6)),
    gif_of(2, 4, 4) + lzw(b"\x80\x01\x81"),
)


def check(data: bytes) -> None:
    """Scan a file, decode its pixels, and scan what is stored."""
    try:
        found = scan(data, LIMITS)
        finished = finish(found)
    except (NotAGif, GifTooLarge):
        return
    again = scan(finished.data, LIMITS)
    assert (again.extension, again.width, again.height) == (found.extension, finished.width, finished.height)
    assert (again.frames, again.kept) == (found.frames, finished.data)
    assert finish(again).data == finished.data
    if finished.poster is not None:
        assert scan(io.BytesIO(finished.poster).getvalue(), LIMITS).extension == "webp"
