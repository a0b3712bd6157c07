"""The EXIF orientation, the only EXIF value that affects how an image looks. Pure."""

import struct

from realtime.chat.images.model import UPRIGHT

ORIENTATION = 0x0112
SHORT = 3
ENTRY_BYTES = 12
MIRRORED_SIDEWAYS_LAST = 8


def orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, from an EXIF structure (TIFF); 1 (upright) if it is missing or damaged."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, directory)
        for entry in range(entries):
            at = directory + 2 + ENTRY_BYTES * entry
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", exif, at)
            if (tag, kind, count) == (ORIENTATION, SHORT, 1) and UPRIGHT <= value <= MIRRORED_SIDEWAYS_LAST:
                return int(value)
    except struct.error:
        pass
    return UPRIGHT
