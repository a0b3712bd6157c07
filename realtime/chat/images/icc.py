"""ICC profiles: they are kept because colours depend on them, so nothing else must hide in them. Pure."""

import struct

HEADER_BYTES = 128
SIGNATURE = slice(36, 40)
PADDING = 3


def profile(data: bytes) -> bytes:
    """Return the ICC profile at the start of `data` (ICC.1:2022 section 7.2), or an empty string."""
    if len(data) < HEADER_BYTES or data[SIGNATURE] != b"acsp":
        return b""
    size: int
    (size,) = struct.unpack_from(">I", data)
    if not HEADER_BYTES <= size <= len(data):
        return b""
    return data if len(data) - size <= PADDING else data[:size]
