"""Which bytes are a colour profile: it is kept, as the colours depend on it, and must not be something else. Pure."""

import struct

HEADER_BYTES = 128
SIGNATURE = slice(36, 40)
PADDING = 3


def profile(data: bytes) -> bytes:
    """Return the ICC profile that `data` begins with (ICC.1:2022 section 7.2), or nothing."""
    if len(data) < HEADER_BYTES or data[SIGNATURE] != b"acsp":
        return b""
    size: int
    (size,) = struct.unpack_from(">I", data)
    if not HEADER_BYTES <= size <= len(data):
        return b""
    return data if len(data) - size <= PADDING else data[:size]
