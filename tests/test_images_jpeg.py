"""Reading a JPEG's segments, and which of them are kept."""

import io
import struct

import pytest
from PIL import Image

from realtime.chat.images.jpeg import scan
from realtime.chat.images.model import Scan
from realtime.errors import NotAGif
from tests.images import SIZE, encoded, exif, jpeg_segment, noise, profile, with_extra
from tests.profiles import by_lcms

WIDTH, HEIGHT = SIZE
PHOTO = encoded("JPEG")
END = b"\xff\xd9"

PROGRESSIVE = jpeg_segment(0xC2, struct.pack(">BHHB", 8, 2, 3, 1) + b"\x01\x11\x00")
SIZES = jpeg_segment(0xC0, struct.pack(">BHHB", 8, 2, 3, 1) + b"\x01\x11\x00")
SCAN = jpeg_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"pixels\xff\x00\xff\xd0pixels"


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments)


def test_a_jpeg_photo_is_scanned() -> None:
    assert scan(PHOTO) == Scan("jpg", WIDTH, HEIGHT, 1, PHOTO)
    progressive = encoded("JPEG", progressive=True)
    assert scan(progressive) == Scan("jpg", WIDTH, HEIGHT, 1, progressive)


def test_a_minimal_jpeg_is_scanned() -> None:
    whole = jpeg(SIZES, SCAN, SCAN, END)
    assert scan(whole) == Scan("jpg", 3, 2, 1, whole)
    filled = jpeg(b"\xff\xff", SIZES, b"\xff", SCAN, b"\xff\xff", END)
    assert scan(filled).kept == jpeg(SIZES, SCAN, END)


@pytest.mark.parametrize("between", [b"\0", b"garbage", b"\xff\x00", b"\xff\x01", b"\xff\xd0"])
def test_bytes_between_segments_are_removed(between: bytes) -> None:
    assert scan(jpeg(b"\xff\xfe\0\2", between, SIZES, between, SCAN, END)).kept == jpeg(SIZES, SCAN, END)


def sos(first: int, last: int, bits: int) -> bytes:
    """Return a scan header of one component: its range of coefficients and their bits."""
    return jpeg_segment(0xDA, bytes([1, 1, 0, first, last, bits])) + b"pixels"


ALL = [sos(0, 0, 0x01), sos(1, 5, 0x02), sos(6, 63, 0x02), sos(0, 0, 0x10), sos(1, 63, 0x21), sos(1, 63, 0x10)]
DAMAGED_END = [
    b"",
    b"\xff",
    b"\xff\xfe",
    b"\xff\xe1\0\x99cut",
    b"\xff\xfe\0\7hello",
    END[:1] + END[:1],
    PHOTO,
    b"\xff\xda\0",
]


@pytest.mark.parametrize("end", DAMAGED_END)
@pytest.mark.parametrize("segments", [[SIZES, SCAN], [PROGRESSIVE, *ALL]], ids=["sequential", "progressive"])
def test_a_jpeg_without_an_end_mark_ends_after_its_pixels(segments: list[bytes], end: bytes) -> None:
    found = scan(jpeg(*segments, end))
    assert found.kept == jpeg(*segments, END)
    assert found.open_at is not None and found.kept[found.open_at :] in (b"pixels" + END, SCAN[10:] + END)


def test_a_jpeg_without_an_end_mark_must_have_all_its_scans() -> None:
    three = SIZES[:9] + b"\3" + SIZES[10:]
    for segments in ([PROGRESSIVE, *ALL[:-1]], [PROGRESSIVE, *ALL[:2], *ALL[3:]], [three, SCAN], [SIZES]):
        with pytest.raises(NotAGif):
            scan(jpeg(*segments))


@pytest.mark.parametrize(
    "extra",
    [
        jpeg_segment(0xFE, b"<script>alert(1)</script>"),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>place</x:xmpmeta>"),
        jpeg_segment(0xE1, b"Exif\x00\x00" + b"II*\x00" + b"a place"),
        jpeg_segment(0xE0, b"JFXX\x00\x10 a thumbnail"),
        jpeg_segment(0xE2, b"MPF\x00 where the second picture is"),
        jpeg_segment(0xE2, b"ICC_PROFILE\x00\x01\x01<script>"),
        jpeg_segment(0xED, b"Photoshop 3.0\x00 captions"),
        jpeg_segment(0xEF, b"anything"),
    ],
)
def test_data_that_is_not_part_of_the_image_is_removed(extra: bytes) -> None:
    assert scan(with_extra(PHOTO, extra, extra)).kept == PHOTO
    at = PHOTO.index(b"\xff\xda")
    assert scan(PHOTO[:at] + extra + PHOTO[at:]).kept == PHOTO


def test_a_thumbnail_is_removed() -> None:
    start = b"JFIF\x00\x01\x02\x00\x00\x48\x00\x48"
    thumbnail = jpeg_segment(0xE0, start + b"\x02\x01" + bytes(6))
    assert scan(jpeg(thumbnail, SIZES, SCAN, END)).kept == jpeg(jpeg_segment(0xE0, start + b"\0\0"), SIZES, SCAN, END)


def test_segments_needed_for_decoding_are_kept() -> None:
    adobe = jpeg_segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01")
    tables = jpeg_segment(0xDB, bytes(65)) + jpeg_segment(0xC4, bytes(17)) + jpeg_segment(0xDD, b"\x00\x04")
    whole = jpeg(adobe, tables, SIZES, SCAN, tables, SCAN, END)
    assert scan(whole).kept == whole
    longer = jpeg_segment(0xEE, b"Adobe\x00\x64\x00\x00\x00\x00\x01 and more")
    assert scan(whole.replace(adobe, longer)).kept == whole


def test_a_colour_profile_in_several_segments_is_kept() -> None:
    clean = encoded("JPEG", icc_profile=profile())
    assert scan(clean).kept == clean
    pieces = [profile()[at : at + 100] for at in range(0, len(profile()), 100)]
    segments = [
        jpeg_segment(0xE2, b"ICC_PROFILE\x00" + bytes([number, len(pieces)]) + piece)
        for number, piece in enumerate(pieces, start=1)
    ]
    assert scan(with_extra(PHOTO, *reversed(segments))).kept == with_extra(PHOTO, icc(1, 1, profile()))


def icc(number: int, pieces: int, data: bytes) -> bytes:
    return jpeg_segment(0xE2, b"ICC_PROFILE\x00" + bytes([number, pieces]) + data)


@pytest.mark.parametrize(
    ("segments", "is_heeded"),
    [
        ([icc(1, 1, profile()), icc(1, 1, b"another")], True),
        ([icc(1, 1, profile()), icc(2, 1, b"more")], True),
        ([icc(1, 1, profile() + b"secrets")], True),
        ([icc(1, 1, by_lcms())], True),
        ([icc(1, 1, b"none"), icc(1, 1, profile())], False),
        ([icc(1, 1, profile()[:-9])], False),
        ([icc(1, 2, profile())], False),
        ([icc(2, 2, profile())], False),
        ([icc(0, 1, profile())], False),
        ([icc(1, 0, profile())], False),
        ([icc(1, 2, profile()[:99]), icc(2, 3, profile()[99:])], False),
    ],
)
def test_a_colour_profile_is_kept_if_browsers_apply_it(segments: list[bytes], is_heeded: bool) -> None:
    clean = with_extra(PHOTO, icc(1, 1, profile()))
    assert scan(with_extra(PHOTO, *segments)).kept == (clean if is_heeded else PHOTO)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_read_and_removed(orientation: int) -> None:
    found = scan(encoded("JPEG", exif=exif(orientation)))
    assert (found.orientation, found.kept) == (orientation, PHOTO)


def test_the_first_exif_block_decides_the_orientation() -> None:
    def oriented(*values: int, header: bytes = b"Exif\0\0") -> bytes:
        entries = b"".join(struct.pack("<HHIHxx", 0x0112, 3, 1, value) for value in values)
        return jpeg_segment(0xE1, header + b"II*\0" + struct.pack("<IH", 8, len(values)) + entries)

    empty = jpeg_segment(0xE1, b"Exif\0\0")
    for segments in (
        [oriented(0, 6)],
        [oriented(6), oriented(3)],
        [empty, oriented(6)],
        [oriented(6, header=b"Exif\0x")],
    ):
        assert scan(with_extra(PHOTO, *segments)).orientation == 6
    assert scan(with_extra(PHOTO, oriented(), oriented(6))).orientation == 1


@pytest.mark.parametrize("wrong", [0, 9, 65535])
def test_an_invalid_orientation_means_upright(wrong: int) -> None:
    assert scan(encoded("JPEG", exif=exif(wrong))).orientation == 1


@pytest.mark.parametrize(
    "behind",
    [
        encoded("JPEG", progressive=True),
        b"\x00\x00\x00\x18ftypmp42" + bytes(5000),
        b"SEFH" + bytes(20) + b"SEFT",
        b"<script>alert(1)</script>",
        bytes(100),
    ],
    ids=["gain map", "film", "maker's notes", "script", "zeros"],
)
def test_data_after_the_image_is_cut_off(behind: bytes) -> None:
    assert scan(PHOTO + behind).kept == PHOTO


def test_of_two_pictures_in_one_file_the_first_is_kept() -> None:
    file = io.BytesIO()
    noise(1).save(file, "MPO", save_all=True, append_images=[noise(2)])
    found = scan(file.getvalue())
    assert (found.width, found.height, found.frames) == (WIDTH, HEIGHT, 1)
    assert len(found.kept) < len(file.getvalue()) / 2 + 100
    with Image.open(io.BytesIO(found.kept)) as kept, Image.open(file) as both:
        assert (kept.format, both.format) == ("JPEG", "MPO")
        assert kept.tobytes() == both.tobytes()


@pytest.mark.parametrize(
    "whole",
    [
        jpeg(END),
        jpeg(SIZES, END),
        jpeg(SCAN, END),
        jpeg(SIZES, SIZES, SCAN, END),
        jpeg(SIZES),
        jpeg(b"\xff\xd8", SIZES, SCAN, END),
        jpeg(b"\xff\x02", SIZES, SCAN, END),
        jpeg(b"\xff\xe0\x00\x01", SIZES, SCAN, END),
        jpeg(SIZES.replace(b"\xff\xc0", b"\xff\xc3"), SCAN, END),
        jpeg(SIZES.replace(b"\xff\xc0", b"\xff\xc9"), SCAN, END),
        jpeg(jpeg_segment(0xC0, struct.pack(">BHHB", 8, 0, 3, 1)), SCAN, END),
        jpeg(jpeg_segment(0xC0, struct.pack(">BHHB", 8, 2, 0, 1)), SCAN, END),
        jpeg(jpeg_segment(0xC0, struct.pack(">BHHB", 12, 2, 3, 1)), SCAN, END),
        jpeg(jpeg_segment(0xC0, struct.pack(">BHHB", 8, 2, 3, 2)), SCAN, END),
        jpeg(SIZES, SCAN * 101, END),
    ],
)
def test_a_file_without_an_image_is_refused(whole: bytes) -> None:
    with pytest.raises((NotAGif, IndexError)):
        scan(whole)
