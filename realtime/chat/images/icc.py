"""ICC profiles (ICC.1:2022): what colours depend on is kept, and nothing else can hide in them. Pure.

A profile is a header, and a table of tags with their data. It is written anew: of the header, the fields that readers
use; of the tags, those of colours, each cut to the size that its own contents state. Names, dates, manufacturers, ids,
texts, private tags and whatever lies between the tags are gone. The two texts that every profile must have are fixed.
"""

import math
import struct
from collections.abc import Callable, Mapping

HEADER_BYTES = 128
TABLE_AT = HEADER_BYTES + 4  # after the number of tags
ENTRY_BYTES = 12
SIGNATURE = slice(36, 40)
# Version, class, colour space, connection space (section 7.2.4 to 7.2.7), rendering intent and illuminant (7.2.15, 16).
USED = (slice(8, 10), slice(12, 24), SIGNATURE, slice(64, 80))

CURVES = (b"curv", b"para")
TABLES = (b"mft1", b"mft2", b"mAB ", b"mBA ")
TYPES: Mapping[bytes, tuple[bytes, ...]] = {  # of the tags that are kept (section 9.2)
    **dict.fromkeys((b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), (b"XYZ ",)),
    **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC", b"kTRC"), CURVES),
    **dict.fromkeys((b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt"), TABLES),
    b"chad": (b"sf32",),
    b"cicp": (b"cicp",),
}
ONE_OF = ((b"A2B0", b"A2B1"), (b"B2A0", b"B2A1"))  # browsers read the first of each that there is
GREY, TRIPLES = b"kTRC", ((b"rTRC", b"gTRC", b"bTRC"), (b"rXYZ", b"gXYZ", b"bXYZ"))

FIXED_BYTES = {b"XYZ ": 20, b"sf32": 44, b"cicp": 12}  # of types with one size
PARAMETERS = (1, 3, 4, 5, 7)  # of a parametric curve, by its function
TABLE_BYTES = 256  # of a mft1's curve
MATRIX_BYTES = 48
MAX_DIMENSIONS = 16

DESCRIPTION, COPYRIGHT = b"colours", b"none"
VERSION_4 = 4
TEXTS_BYTES = 256  # at least that of both, with their entries


class _Broken(Exception):
    """The data of a tag contradict themselves."""


def profile(data: bytes) -> bytes:
    """Return what colours depend on of the profile at the start of `data`; nothing if browsers ignore it as broken."""
    if len(data) < TABLE_AT or data[SIGNATURE] != b"acsp":
        return b""
    size, count = struct.unpack_from(">I", data)[0], struct.unpack_from(">I", data, HEADER_BYTES)[0]
    if not TABLE_AT + ENTRY_BYTES * count <= size <= len(data):
        return b""
    found: dict[bytes, bytes] = {}
    for name, at, length in struct.iter_unpack(">4sII", data[TABLE_AT : TABLE_AT + ENTRY_BYTES * count]):
        if length < len(name) or at + length > size:
            return b""
        if name in TYPES:
            found.setdefault(name, data[at : at + length])
    tags = {name: kept for name in TYPES if name in found and (kept := _kept(name, found[name]))}
    if not tags or any(name not in tags for name in _read(found, data[16:20])):
        return b""
    whole = encoded(data[:HEADER_BYTES], tags)
    # It grows if tags overlap, which makes a small file large.
    return whole if len(whole) <= size + TEXTS_BYTES else b""


def encoded(header: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Return a profile of these tags. Of `header`, only what readers use is taken."""
    texts = (_text4, _text4) if header[8] >= VERSION_4 else (_description2, _text2)
    every = {b"desc": texts[0](DESCRIPTION), b"cprt": texts[1](COPYRIGHT), **tags}
    start = TABLE_AT + ENTRY_BYTES * len(every)
    body, places = _joined(list(every.values()), start)
    table = b"".join(
        struct.pack(">4sII", name, at, len(data)) for (name, data), at in zip(every.items(), places, strict=True)
    )
    kept = bytearray(HEADER_BYTES)
    for field in USED:
        kept[field] = header[field]
    kept[:4] = struct.pack(">I", start + len(body))
    return bytes(kept) + struct.pack(">I", len(every)) + table + body


def _read(found: Mapping[bytes, bytes], space: bytes) -> list[bytes]:
    """Return the tags that browsers read: they ignore a profile in which one of these is broken (skcms_Parse)."""
    if space == b"GRAY" and GREY in found:
        names = [GREY]
    else:
        names = [name for triple in TRIPLES if all(one in found for one in triple) for name in triple]
    names += [next(name for name in group if name in found) for group in ONE_OF if not found.keys().isdisjoint(group)]
    return names + [name for name in (b"cicp",) if name in found]


def _kept(name: bytes, data: bytes) -> bytes:
    """Return a tag's data without what is not theirs, or nothing if they are broken."""
    kind = data[:4]
    if kind not in TYPES[name]:
        return b""
    try:
        if kind in CURVES:
            return _curve(data, 0)
        if kind in FIXED_BYTES:
            return _cut(data, FIXED_BYTES[kind])
        return _table(data) if kind in (b"mft1", b"mft2") else _elements(data)
    except (_Broken, struct.error, IndexError):
        return b""


def _cut(data: bytes, size: int, at: int = 0) -> bytes:
    """Return the `size` bytes at `at` that begin with a type's name, with its reserved bytes cleared."""
    return data[at : at + 4] + bytes(4) + _part(data, at + 8, size - 8)


def _part(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise _Broken
    return data[at : at + size]


def _curve(data: bytes, at: int) -> bytes:
    """Return the curve at `at` (sections 10.6 and 10.18)."""
    kind, function = struct.unpack_from(">4s4xH", data, at)
    if kind == b"para":
        curve = _cut(data, 12 + 4 * PARAMETERS[function], at)
        return curve[:10] + bytes(2) + curve[12:]
    if kind != b"curv":
        raise _Broken
    (entries,) = struct.unpack_from(">I", data, at + 8)
    return _cut(data, 12 + 2 * entries, at)


def _table(data: bytes) -> bytes:
    """Return a lut8Type or lut16Type (sections 10.10 and 10.11)."""
    inputs, outputs, grid = struct.unpack_from(">3B", data, 8)
    cells = grid**inputs * outputs
    if data[:4] == b"mft1":
        size = 48 + TABLE_BYTES * (inputs + outputs) + cells
    else:
        first, last = struct.unpack_from(">HH", data, 48)
        size = 52 + 2 * (first * inputs + cells + last * outputs)
    whole = _cut(data, size)
    return whole[:11] + b"\0" + whole[12:]


def _elements(data: bytes) -> bytes:
    """Return a lutAToBType or lutBToAType (sections 10.12 and 10.13), its elements in the order of their offsets."""
    inputs, outputs, *offsets = struct.unpack_from(">BB2x5I", data, 8)
    near, far = (outputs, inputs) if data[:4] == b"mAB " else (inputs, outputs)  # to the connection space, from it
    readers: tuple[Callable[[int], bytes], ...] = (
        lambda at: _curves(data, at, near),  # B
        lambda at: _part(data, at, MATRIX_BYTES),
        lambda at: _curves(data, at, near),  # M
        lambda at: _grid(data, at, inputs, outputs),
        lambda at: _curves(data, at, far),  # A
    )
    body, places = _joined([read(at) if at else b"" for read, at in zip(readers, offsets, strict=True)], 32)
    return data[:4] + bytes(4) + data[8:10] + bytes(2) + struct.pack(">5I", *places) + body


def _curves(data: bytes, at: int, count: int) -> bytes:
    """Return the `count` curves at `at`, each filled up to four bytes."""
    curves = b""
    for _ in range(count):
        curve = _curve(data, at)
        at += len(_aligned(curve))
        curves += _aligned(curve)
    return curves


def _grid(data: bytes, at: int, inputs: int, outputs: int) -> bytes:
    """Return the multidimensional table at `at` (table 48): the points of each dimension, bytes of a value, values."""
    points, value_bytes = _part(data, at, inputs), data[at + MAX_DIMENSIONS]
    if inputs > MAX_DIMENSIONS or value_bytes not in (1, 2):
        raise _Broken
    values = _part(data, at + MAX_DIMENSIONS + 4, math.prod(points) * outputs * value_bytes)
    return points.ljust(MAX_DIMENSIONS, b"\0") + bytes((value_bytes, 0, 0, 0)) + values


def _joined(parts: list[bytes], start: int) -> tuple[bytes, list[int]]:
    """Return the parts one after another from `start` on, equal ones once, and where each is; 0 for an empty one."""
    places: dict[bytes, int] = {b"": 0}
    body = b""
    for part in parts:
        if part not in places:
            places[part] = start + len(body)
            body += _aligned(part)
    return body, [places[part] for part in parts]


def _aligned(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _text4(text: bytes) -> bytes:
    """Return a multiLocalizedUnicodeType (section 10.15)."""
    coded = b"".join(b"\0" + text[at : at + 1] for at in range(len(text)))  # in UTF-16, without its codec's module
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(coded), 28) + coded


def _text2(text: bytes) -> bytes:
    """Return a textType (section 10.24)."""
    return b"text" + bytes(4) + text + b"\0"


def _description2(text: bytes) -> bytes:
    """Return a textDescriptionType (ICC.1:2001-04 section 6.5.17): the text, no Unicode, no Macintosh script."""
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67)
