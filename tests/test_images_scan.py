"""Identifying a file before decoding it: limits, truncation, and files that pretend to be images."""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from realtime.chat.images.model import ImageLimits, Scan
from realtime.chat.images.picture import finish
from realtime.chat.images.scan import scan
from realtime.errors import GifTooLarge, NotAGif
from tests.images import SIZE, encoded, exif, gif_extension, gif_of, jpeg_segment, png_chunk, profile, with_extra

WIDTH, HEIGHT = SIZE
LIMITS = ImageLimits()

FILES = {
    "gif": encoded("GIF"),
    "animated gif": encoded("GIF", frames=3),
    "webp": encoded("WEBP"),
    "lossless webp": encoded("WEBP", lossless=True),
    "extended webp": encoded("WEBP", icc_profile=profile(), exif=exif(6)),
    "animated webp": encoded("WEBP", frames=3),
    "png": encoded("PNG"),
    "animated png": encoded("PNG", frames=3),
    "jpg": encoded("JPEG"),
    "progressive jpg": encoded("JPEG", progressive=True, exif=exif(6)),
}
PLAIN = ["gif", "webp", "png", "jpg"]

HTML = b"<!doctype html><script>alert(1)</script>"


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(zipfile.ZipInfo("evil.js"), "alert(1)")  # without a timestamp
    return file.getvalue()


def refusal(data: bytes, limits: ImageLimits = LIMITS) -> dict[str, str | float]:
    with pytest.raises((NotAGif, GifTooLarge)) as refused:
        scan(data, limits)
    return {"error": refused.value.code, **refused.value.detail}


@pytest.mark.parametrize("name", FILES)
def test_an_image_is_known_by_its_bytes(name: str) -> None:
    frames = 3 if name.startswith("animated") else 1
    found = scan(FILES[name], LIMITS)
    assert found.extension == name.rsplit(maxsplit=1)[-1]
    assert (found.width, found.height, found.frames) == (WIDTH, HEIGHT, frames)
    assert found.still == (0 if frames > 1 else None)


@pytest.mark.parametrize("name", FILES)
def test_a_cleaned_image_scans_to_itself(name: str) -> None:
    found = scan(FILES[name], LIMITS)
    again = scan(found.kept, LIMITS)
    assert (again.kept, again.frames, again.orientation) == (found.kept, found.frames, 1)


def shown(data: bytes) -> list[bytes]:
    """Return the pixels of each frame."""
    with Image.open(io.BytesIO(data)) as image:
        return [frame.convert("RGBA").tobytes() for frame in ImageSequence.Iterator(image)]


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_image_is_refused_unless_all_pixels_are_there(name: str) -> None:
    whole = FILES[name]
    pixels = shown(finish(scan(whole, LIMITS)).data)
    taken = []
    for cut in [*range(0, len(whole), 100), *range(max(0, len(whole) - 30), len(whole))]:
        try:
            kept = finish(scan(whole[:cut], LIMITS)).data
        except NotAGif:
            continue
        assert shown(kept) == pixels, cut
        taken.append(len(whole) - cut)
    # The end mark, and bytes after the last pixel: GIF's trailer and ends of LZW and block; IEND and checksums; EOI.
    most = {"gif": 4, "webp": 0, "png": 20, "jpg": 2}[scan(whole, LIMITS).extension]
    assert taken == list(range(len(taken), 0, -1)) and (most > 0) * max(1, most - 2) <= len(taken) <= most


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("behind", [HTML, archive(), b"\x00", b"\n", encoded("GIF")], ids=lambda data: repr(data[:5]))
def test_data_after_the_end_is_cut_off(name: str, behind: bytes) -> None:
    assert scan(FILES[name] + behind, LIMITS) == scan(FILES[name], LIMITS)


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("webp")])
@pytest.mark.parametrize("behind", [HTML, archive(), b"\x00" * 999], ids=lambda data: repr(data[:5]))
def test_data_after_the_end_is_cut_off_without_an_end_mark_too(name: str, behind: bytes) -> None:
    mark = {"gif": 1, "png": 12, "jpg": 2}[name.rsplit(maxsplit=1)[-1]]
    assert finish(scan(FILES[name][:-mark] + behind, LIMITS)).data == finish(scan(FILES[name], LIMITS)).data


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("gif", gif_extension(0xFE, archive())),
        ("gif", gif_extension(0xFE, HTML)),
        ("gif", gif_extension(0xFF, b"XMP DataXMP", HTML)),
        ("png", png_chunk(b"tEXt", b"Comment\x00" + HTML)),
        ("png", png_chunk(b"zip!", archive())),
        ("extended webp", b"zip " + struct.pack("<I", len(archive())) + archive() + b"\0" * (len(archive()) % 2)),
        ("jpg", jpeg_segment(0xFE, archive())),
        ("jpg", jpeg_segment(0xE1, HTML)),
    ],
)
def test_no_html_or_archive_survives_inside_an_image(name: str, block: bytes) -> None:
    double = with_extra(FILES[name], block)
    assert HTML in double or zipfile.is_zipfile(io.BytesIO(double))
    kept = scan(double, LIMITS).kept
    assert HTML not in kept and not zipfile.is_zipfile(io.BytesIO(kept))
    assert kept == scan(FILES[name], LIMITS).kept


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"G",
        b"%PDF-1.7\n1 0 obj\n",
        HTML,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        archive(),
        archive() + encoded("GIF"),
        HTML + encoded("GIF"),
        bytes(5000),
        b"gif89a" + encoded("GIF")[6:],
        b"GIF88a" + encoded("GIF")[6:],
        b"RIFF\x10\x00\x00\x00WAVE" + bytes(100),
        b"\x89PNG\n\x1a\n" + encoded("PNG")[8:],
        b"\xff\xd8\x00" + encoded("JPEG")[3:],
        *(encoded(format_name) for format_name in ("BMP", "TIFF", "ICO", "PPM")),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_other_files_are_not_images(data: bytes) -> None:
    assert refusal(data) == {"error": "not_a_gif"}


@pytest.mark.parametrize(
    "start",
    [b"GIF89a", b"GIF89a" + HTML, b"\x89PNG\r\n\x1a\n" + bytes(100), b"RIFF\x64\0\0\0WEBPVP8 " + bytes(100)]
    + [b"\xff\xd8\xff\xe0" + bytes(100), b"RIFF\x00\x00\x00\x00WEBP", b"GIF89a" + bytes(500)],
    ids=lambda data: repr(data[:12]),
)
def test_a_file_with_only_an_image_signature_is_damaged(start: bytes) -> None:
    assert refusal(start) == {"error": "not_a_gif", "reason": "damaged"}


@pytest.mark.parametrize("brand", ["heic", "heix", "mif1", "avif"])
def test_a_heic_photo_is_refused_as_heic(brand: str) -> None:
    data = b"\x00\x00\x00\x18ftyp" + brand.encode() + bytes(2000)
    assert refusal(data) == {"error": "not_a_gif", "reason": "heic"}
    with pytest.raises(NotAGif, match=r"HEIC.*JPEG"):
        scan(data, LIMITS)
    assert refusal(b"\x00\x00\x00\x18ftypmp42" + bytes(2000)) == {"error": "not_a_gif"}


def test_every_refusal_names_the_accepted_formats() -> None:
    for text in (NotAGif.text, *NotAGif.reasons.values()):
        assert all(name in text for name in ("GIF", "WebP", "PNG", "JPEG"))


# -- limits


def claimed(extension: str, width: int, height: int, frames: int = 1) -> bytes:
    """Return a small file whose headers claim that size."""
    if extension == "gif":
        return gif_of(frames, width, height)
    if extension == "png":
        header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        pixels = png_chunk(b"IDAT", zlib.compress(b""))
        if frames == 1:
            return b"\x89PNG\r\n\x1a\n" + header + pixels + png_chunk(b"IEND", b"")
        controls = [
            png_chunk(b"fcTL", struct.pack(">5IHHBB", number, width, height, 0, 0, 1, 10, 0, 0))
            for number in (0, *range(1, 2 * frames, 2))
        ]
        moving = b"".join(
            controls[frame] + png_chunk(b"fdAT", struct.pack(">I", 2 * frame)) for frame in range(1, frames)
        )
        announced = png_chunk(b"acTL", struct.pack(">II", frames, 0))
        return b"\x89PNG\r\n\x1a\n" + header + announced + controls[0] + pixels + moving + png_chunk(b"IEND", b"")
    if extension == "webp":
        pixels = b"VP8L" + struct.pack("<IBI", 6, 0x2F, (width - 1) | (height - 1) << 14) + b"\x00"
        return b"RIFF" + struct.pack("<I", 4 + len(pixels)) + b"WEBP" + pixels
    size = jpeg_segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")
    return b"\xff\xd8" + size + jpeg_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x00\xff\xd9"


@pytest.mark.parametrize("extension", PLAIN)
def test_25_megapixels_pass_and_one_more_row_does_not(extension: str) -> None:
    found = scan(claimed(extension, 5000, 5000), LIMITS)
    assert (found.width, found.height) == (5000, 5000)
    assert refusal(claimed(extension, 5000, 5001)) == {"error": "gif_too_large", "reason": "frame", "limit": 25}


@pytest.mark.parametrize("extension", ["gif", "png"])
def test_all_frames_together_have_at_most_100_megapixels(extension: str) -> None:
    assert scan(claimed(extension, 1000, 1000, 100), LIMITS).frames == 100
    refused = refusal(claimed(extension, 1000, 1000, 101))
    assert refused == {"error": "gif_too_large", "reason": "all", "limit": 100}


@pytest.mark.parametrize(("width", "height"), [(2**24, 2**24), (65535, 65535), (1, 2**31 - 1)])
def test_an_enormous_claimed_size_is_refused_without_decoding(width: int, height: int) -> None:
    assert refusal(claimed("png", width, height))["reason"] == "frame"


def test_a_frame_bomb_is_refused_by_its_headers() -> None:
    bomb = gif_of(300, 4000, 4000)
    assert len(bomb) < 7 * 1024
    assert refusal(bomb) == {"error": "gif_too_large", "reason": "all", "limit": 100}


def test_a_later_gif_frame_beyond_the_screen_counts() -> None:
    small, huge = gif_of(1, 10, 10), gif_of(1, 10, 10, (6000, 6000))
    assert refusal(small[:-1] + huge[huge.index(b",") :])["reason"] == "frame"


def test_the_number_of_frames_is_bounded() -> None:
    assert scan(gif_of(10_000, 1, 1), LIMITS).frames == 10_000
    assert refusal(gif_of(10_001, 1, 1)) == {"error": "gif_too_large", "reason": "frames", "limit": 10_000}


def test_the_limits_can_be_configured_and_are_named_in_the_refusal() -> None:
    limits = ImageLimits(frame_pixels=1_500_000, all_pixels=2_000_000)
    assert refusal(claimed("gif", 2000, 1000), limits)["limit"] == 1.5
    assert refusal(claimed("gif", 1000, 1000, 3), limits)["limit"] == 2
    with pytest.raises(GifTooLarge, match=r"1\.5메가픽셀"):
        scan(claimed("gif", 2000, 1000), limits)


# -- arbitrary files


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return an image with some bytes changed, removed or duplicated."""
    data = bytearray(draw(st.sampled_from(sorted(FILES.values()))))
    for _ in range(draw(st.integers(1, 4))):
        # The most important parts are at the beginning.
        at = draw(st.one_of(st.integers(0, min(60, len(data) - 1)), st.integers(0, len(data) - 1)))
        how = draw(st.sampled_from(["other", "missing", "twice", "inserted"]))
        length = draw(st.integers(1, 20))
        if how == "other":
            data[at] = draw(st.one_of(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]), st.integers(0, 255)))
        elif how == "missing" and len(data) > length + 1:
            del data[at : at + length]
        elif how == "twice":
            data[at:at] = data[at : at + length]
        else:
            data[at:at] = draw(st.binary(max_size=length))
    return bytes(data)


def outcome(data: bytes) -> Scan | None:
    """Return the result of `scan`, or None if it refuses. Any other exception fails the test."""
    try:
        return scan(data, LIMITS)
    except (NotAGif, GifTooLarge):
        return None


@given(st.one_of(st.binary(max_size=200), st.tuples(st.sampled_from(sorted(FILES.values())), st.binary())))
def test_any_bytes_are_an_image_or_are_refused(data: bytes | tuple[bytes, bytes]) -> None:
    outcome(data if isinstance(data, bytes) else data[0][:30] + data[1])


@given(mutated())
def test_a_mutated_image_is_an_image_or_is_refused(data: bytes) -> None:
    found = outcome(data)
    if found is None or found.width * found.height > 1_000_000:
        return
    again = scan(found.kept, LIMITS)
    assert (again.kept, again.frames) == (found.kept, found.frames)
    try:
        finished = finish(found)
    except NotAGif:
        return
    with Image.open(io.BytesIO(finished.data)) as image:
        assert image.size == (finished.width, finished.height)
    assert scan(finished.data, LIMITS).kept == finished.data
