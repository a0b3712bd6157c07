"""ICC profiles of every kind that browsers apply, full of texts, and broken ones."""

import io
import struct
from collections.abc import Mapping, Sequence

from PIL import Image, ImageCms

TEXT = b"a note with a name"
D50 = struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
VERSION_2, VERSION_4 = 0x02400000, 0x04400000


def xyz(*values: float) -> bytes:
    return b"XYZ text" + b"".join(fixed(value) for value in values) + TEXT


def gamma(value: float) -> bytes:
    return b"curvtext" + struct.pack(">IH", 1, round(value * 256)) + TEXT


def sampled(*values: int) -> bytes:
    return b"curvtext" + struct.pack(f">I{len(values)}H", len(values), *values) + TEXT


def parametric(function: int, *parameters: float) -> bytes:
    return b"paratext" + struct.pack(">H2s", function, b"te") + b"".join(map(fixed, parameters)) + TEXT


def fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def cube(points: int, inputs: int, levels: int) -> list[int]:
    """Return a table of three outputs that turns colours round, with values up to `levels`."""
    values = []
    for cell in range(points**inputs):
        at = [cell // points**dimension % points for dimension in range(inputs)]
        values += [
            levels * at[0] // (points - 1),
            levels * (at[1] + at[-1]) // (2 * points),
            levels - levels * at[2] // points,
        ]
    return values


def lut8(inputs: int = 3) -> bytes:
    ramp = bytes(range(256))
    head = b"mft1text" + bytes((inputs, 3, 3)) + b"t" + matrix(9)
    return head + ramp * inputs + bytes(cube(3, inputs, 255)) + ramp[::-1] + ramp * 2 + TEXT


def lut16(inputs: int = 3) -> bytes:
    head = b"mft2text" + bytes((inputs, 3, 2)) + b"t" + matrix(9) + struct.pack(">HH", 3, 2)
    values = [0, 20000, 65535] * inputs + cube(2, inputs, 65535) + [0, 65535] * 3
    return head + struct.pack(f">{len(values)}H", *values) + TEXT


def matrix(values: int) -> bytes:
    return b"".join(fixed(1.0 if at in (0, 4, 8) else 0.0) for at in range(values))


def elements(value_bytes: int = 1, *, kind: bytes = b"mAB ") -> bytes:
    """Return the elements in another order than that of the offsets, with texts between them."""
    linear, bent = aligned(b"curv" + bytes(8)), aligned(b"para" + bytes(4) + struct.pack(">HH", 0, 0) + fixed(1.8))
    format_code = ">24B" if value_bytes == 1 else ">24H"
    values = struct.pack(format_code, *cube(2, 3, 255 if value_bytes == 1 else 65535))
    grid = bytes((2, 2, 2)) + TEXT[:13] + bytes((value_bytes,)) + b"tex" + values
    parts = [linear * 3, matrix(12), bent + linear + bent, grid, linear + bent * 2]
    offsets, body = [0] * 5, b""
    for number in (4, 2, 0, 3, 1):
        body += aligned(TEXT)
        offsets[number] = 32 + len(body)
        body += aligned(parts[number])
    return kind + b"text" + b"\3\3te" + struct.pack(">5I", *offsets) + body


def aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


WIDE: Mapping[bytes, bytes] = {
    b"wtpt": xyz(0.9642, 1.0, 0.8249),
    b"rXYZ": xyz(0.6735, 0.2790, -0.0019),
    b"gXYZ": xyz(0.1657, 0.6753, 0.0300),
    b"bXYZ": xyz(0.1251, 0.0456, 0.7969),
}


def toned(curve: bytes) -> dict[bytes, bytes]:
    return dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)


def written(
    tags: Mapping[bytes, bytes] | Sequence[tuple[bytes, bytes]],
    space: bytes = b"RGB ",
    connection: bytes = b"XYZ ",
    version: int = VERSION_2,
) -> bytes:
    """Return a profile with texts wherever one fits."""
    listed = list(tags.items() if isinstance(tags, Mapping) else tags)
    listed = [(b"desc", b"desc" + bytes(4) + TEXT), *listed, (b"cprt", b"text" + bytes(4) + TEXT), (b"priv", TEXT)]
    at, table, body = 132 + 12 * len(listed), struct.pack(">I", len(listed)), b""
    for name, data in listed:
        body += aligned(TEXT)
        table += name + struct.pack(">II", at + len(body), len(data))
        body += aligned(data)
    header = (
        b"text" + struct.pack(">I", version) + b"mntr" + space + connection + TEXT[:12] + b"acsp" + b"texttexttexttext"
    )
    header += b"texttext" + bytes(4) + D50 + b"text" + TEXT[:16] + (TEXT * 2)[:28]
    return struct.pack(">I", at + len(body)) + header + table + body


def by_lcms(kind: str = "sRGB") -> bytes:
    """Return a profile as Little CMS writes it, but always with the same creation time."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile(kind)).tobytes()  # type: ignore[arg-type]  # a Literal
    return made[:24] + TEXT[:12] + made[36:]


CURVE = parametric(3, 2.4, 0.9, 0.1, 0.07, 0.04)
SRGB = "by Little CMS"
APPLIED = {
    SRGB: (by_lcms(), "RGB"),
    "a gamma": (written({**WIDE, **toned(gamma(1.2))}), "RGB"),
    "sampled curves": (written({**WIDE, **toned(sampled(0, 9000, 30000, 65535))}), "RGB"),
    "a parametric curve": (written({**WIDE, **toned(CURVE)}, version=VERSION_4), "RGB"),
    "a grey curve": (written({b"wtpt": WIDE[b"wtpt"], b"kTRC": gamma(1.1)}, space=b"GRAY"), "L"),
    "an 8-bit table": (written({b"A2B0": lut8(), b"B2A0": lut8(), b"gamt": lut8()}, connection=b"Lab "), "RGB"),
    "a 16-bit table": (written({b"A2B0": lut16(), b"A2B1": lut8()}, connection=b"Lab "), "RGB"),
    "a table of four colours": (written({b"A2B0": lut16(4)}, space=b"CMYK", connection=b"Lab "), "CMYK"),
    "elements": (written({b"A2B0": elements()}, connection=b"Lab ", version=VERSION_4), "RGB"),
    "elements of 16 bits": (written({b"A2B0": elements(2)}, connection=b"XYZ ", version=VERSION_4), "RGB"),
    "a broken tag that is not read": (
        written({**WIDE, **toned(gamma(1.2)), b"A2B2": b"mft2", b"chad": b"text", b"kTRC": b"text"}),
        "RGB",
    ),
    "each tag twice": (written([*WIDE.items(), *toned(gamma(1.2)).items(), *toned(gamma(3.0)).items()]), "RGB"),
}


def outside(profile: bytes) -> bytes:
    """Return the profile with its last tag beyond the end."""
    at = 132 + 12 * (int.from_bytes(profile[128:132]) - 1)
    return profile[: at + 8] + struct.pack(">I", len(profile)) + profile[at + 12 :]


GOOD = APPLIED["a gamma"][0]
IGNORED = {
    "a broken curve": written({**WIDE, **toned(gamma(1.2)), b"gTRC": sampled(1, 2)[:14]}),
    "an unknown curve": written({**WIDE, **toned(b"sngf" + bytes(40))}),
    "a parametric curve of no function": written({**WIDE, **toned(parametric(5, *[1.0] * 7))}),
    "a broken primary": written({**WIDE, **toned(gamma(1.2)), b"rXYZ": b"XYZ " + bytes(12)}),
    "a broken table": written({**WIDE, **toned(gamma(1.2)), b"A2B0": lut8()[:-200]}),
    "a broken second table": written({**WIDE, **toned(gamma(1.2)), b"A2B1": lut16()[:50]}),
    "a broken table back": written({**WIDE, **toned(gamma(1.2)), b"B2A0": lut8()[:90]}),
    "elements that are cut": written({**WIDE, **toned(gamma(1.2)), b"A2B0": elements()[:-4]}),
    "elements of three bytes": written({**WIDE, **toned(gamma(1.2)), b"A2B0": elements().replace(b"\1tex", b"\3tex")}),
    "a broken code": written({**WIDE, **toned(gamma(1.2)), b"cicp": b"cicp" + bytes(6)}),
    "a tag that is outside": outside(GOOD),
    "no tag of colours": written({}),
    "more tags than bytes": GOOD[:128] + b"\xff\xff\xff\xff" + GOOD[132:],
    "only a header": struct.pack(">I", 128) + GOOD[4:128],
}


def shown(mode: str) -> Image.Image:
    """Return a picture of many colours in that mode."""
    ramp = Image.linear_gradient("L").resize((40, 30))
    bands = [ramp, ramp.transpose(Image.Transpose.ROTATE_180), Image.radial_gradient("L").resize((40, 30)), ramp]
    return ramp if mode == "L" else Image.merge(mode, bands[: len(mode)])


def opened(profile: bytes) -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(io.BytesIO(profile))
