"""EXIF orientations and colour profiles, wherever an image has them: nothing is raised, and what is kept is whole."""

from realtime.chat.images import icc
from realtime.chat.images.exif import orientation
from tests.images import exif, profile

SEEDS = (profile(), *(exif(turned).tobytes().removeprefix(b"Exif\0\0") for turned in (1, 6, 8)))
GROWTH_BYTES = icc.TEXTS_BYTES


def check(data: bytes) -> None:
    """Read `data` as both."""
    assert 1 <= orientation(data) <= 8
    kept = icc.profile(data)
    assert len(kept) <= len(data) + GROWTH_BYTES
    assert icc.profile(kept) == kept
