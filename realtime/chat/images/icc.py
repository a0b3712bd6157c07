"""Which bytes are a colour profile: it is kept, as the colours depend on it, and must not be something else. Pure."""

import struct

HEADER_BYTES = 128
SIGNATURE = slice(36, 40)
PADDING = 3


def is_profile(data: bytes) -> bool:
    """Return whether `data` is one ICC profile and nothing besides (ICC.1:2022 section 7.2)."""
    if len(data) < HEADER_BYTES or data[SIGNATURE] != b"acsp":
        return False
    size: int
    (size,) = struct.unpack_from(">I", data)
    return 0 <= len(data) - size <= PADDING
