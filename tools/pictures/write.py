"""Compresses screenshots into small files with a transparent background."""

import io
from collections.abc import Sequence

from PIL import Image

GAP = 24
MAX_BYTES = 80 * 1024
QUALITIES = (90, 85, 80, 75, 70)


def webp(screenshots: Sequence[bytes]) -> bytes:
    """Return one picture with all of them side by side. Raises ValueError when it would be too large."""
    screens = [Image.open(io.BytesIO(data)).convert("RGB") for data in screenshots]
    width = sum(screen.width for screen in screens) + GAP * (len(screens) - 1)
    picture = Image.new("RGBA", (width, max(screen.height for screen in screens)))
    left = 0
    for screen in screens:
        picture.paste(screen, (left, 0))
        left += screen.width + GAP
    for quality in (None, *QUALITIES):
        file = io.BytesIO()
        picture.save(file, "WebP", method=6, lossless=quality is None, quality=quality or 100)
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise ValueError(f"{file.tell()} bytes at the lowest quality")
