"""The colour space of a PNG as an ICC profile, for a poster in another format. Pure.

PNG section 4.3 defines four ways to specify it, in this order: cICP, iCCP, sRGB, and gAMA with cHRM.
"""

import struct
from collections.abc import Mapping, Sequence

from realtime.chat.images import icc

Matrix = Sequence[Sequence[float]]
Primaries = tuple[float, ...]  # x and y of white, red, green, blue

D65 = (0.3127, 0.3290)
BT709 = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
CODED_PRIMARIES = {  # ITU-T H.273, table 2
    1: BT709,
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
SRGB = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # a parametric curve (ICC.1:2022 section 10.18)
CODED_CURVES: Mapping[int, tuple[float, ...]] = {  # table 3
    **dict.fromkeys((1, 6, 14, 15), (2.4,)),  # for a display: ITU-R BT.1886
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
    13: SRGB,
}
GAMMA_TOLERANCE = 0.05  # decoders take a gamma this close to 1 / 2.2 for sRGB's

D50 = (0.9642, 1.0, 0.8249)  # the white point of all profiles
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def profile(chunks: Mapping[bytes, bytes]) -> bytes | None:
    """Return a profile for the colour space in a PNG's chunks; None if they contain one or specify sRGB.

    None for HDR, too, which a profile cannot express.
    """
    if b"cICP" in chunks:
        primaries_code, curve_code, *_ = chunks[b"cICP"]
        if primaries_code in CODED_PRIMARIES and curve_code in CODED_CURVES:
            return _profile(CODED_PRIMARIES[primaries_code], CODED_CURVES[curve_code])
    if b"gAMA" not in chunks or b"iCCP" in chunks or b"sRGB" in chunks:
        return None
    gamma = int.from_bytes(chunks[b"gAMA"]) / 100_000
    chromaticities = struct.unpack(">8I", chunks[b"cHRM"]) if b"cHRM" in chunks else ()
    is_srgb = abs(gamma * 2.2 - 1) < GAMMA_TOLERANCE
    try:
        primaries = tuple(number / 100_000 for number in chromaticities) or BT709
        return None if is_srgb and not chromaticities else _profile(primaries, SRGB if is_srgb else (1 / gamma,))
    except (ZeroDivisionError, struct.error):  # impossible values
        return None


def _profile(primaries: Primaries, curve: tuple[float, ...]) -> bytes:
    """Return a display profile (ICC.1:2022 section 8.3)."""
    white, *ends = ((x / y, 1.0, (1 - x - y) / y) for x, y in zip(primaries[::2], primaries[1::2], strict=True))
    shares = _times(_inverse(list(zip(*ends, strict=True))), white)
    # Chromatic adaptation to D50 (Bradford), channel by channel.
    scales = [new / old for new, old in zip(_times(BRADFORD, D50), _times(BRADFORD, white), strict=True)]
    seen = [[share * part for part in _times(BRADFORD, end)] for share, end in zip(shares, ends, strict=True)]
    back = _inverse(BRADFORD)
    red, green, blue = (_times(back, [part * scale for part, scale in zip(end, scales, strict=True)]) for end in seen)
    bent = b"para" + bytes(4) + struct.pack(">HH", 3 if len(curve) > 1 else 0, 0) + b"".join(map(_fixed, curve))
    tags = {
        name: b"XYZ " + bytes(4) + b"".join(map(_fixed, xyz))
        for name, xyz in ((b"wtpt", D50), (b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue))
    }
    tags |= {name: bent for name in (b"rTRC", b"gTRC", b"bTRC")}
    header = bytes(8) + b"\x04\x40\0\0" + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return icc.encoded(header + b"".join(map(_fixed, D50)), tags)


def _times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix]


def _inverse(matrix: Matrix) -> Matrix:
    def minor(row: int, column: int) -> float:
        (a, b), (c, d) = ([matrix[(row + i) % 3][(column + j) % 3] for j in (1, 2)] for i in (1, 2))
        return a * d - b * c

    determinant = sum(matrix[0][column] * minor(0, column) for column in range(3))
    return [[minor(row, column) / determinant for row in range(3)] for column in range(3)]


def _fixed(number: float) -> bytes:
    """Return an s15Fixed16Number (ICC.1:2022 section 4.6)."""
    return struct.pack(">i", round(number * 65536))
