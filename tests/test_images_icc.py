"""Colour profiles: colours are the same for Little CMS, and nothing else is left. For browsers: test_odd_images.py."""

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import ImageCms

from realtime.chat.images import icc
from tests.profiles import APPLIED, D50, GOOD, IGNORED, TEXT, WIDE, by_lcms, gamma, lut16, opened, shown, toned, written

SRGB = ImageCms.createProfile("sRGB")


def tags(profile: bytes) -> dict[bytes, bytes]:
    """Return the data of each tag."""
    (count,) = struct.unpack_from(">I", profile, 128)
    table = struct.iter_unpack(">4sII", profile[132 : 132 + 12 * count])
    return {name: profile[at : at + length] for name, at, length in table}


@pytest.mark.parametrize("intent", ImageCms.Intent)
@pytest.mark.parametrize("name", APPLIED)
def test_colours_stay_the_same(name: str, intent: ImageCms.Intent) -> None:
    raw, mode = APPLIED[name]
    if name in ("each tag twice", "a broken tag that is not read"):  # Little CMS refuses them, but browsers do not
        raw = GOOD
    before, after = (
        ImageCms.applyTransform(
            shown(mode), ImageCms.buildTransform(opened(profile), SRGB, mode, "RGB", renderingIntent=intent)
        )
        for profile in (raw, icc.profile(APPLIED[name][0]))
    )
    assert before is not None and after is not None
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("name", APPLIED)
def test_no_text_is_left(name: str) -> None:
    raw, _ = APPLIED[name]
    kept = icc.profile(raw)
    assert len(kept) < len(raw)
    for text in (b"text" + b"te", TEXT[:5], b"priv", b"Little", b"lcms", b"FB", b"sRGB"):
        assert text not in kept
    assert opened(kept).profile.profile_description == "colours"
    assert opened(kept).profile.copyright == "none"


@pytest.mark.parametrize("name", APPLIED)
def test_what_was_kept_is_kept_again(name: str) -> None:
    kept = icc.profile(APPLIED[name][0])
    assert icc.profile(kept) == kept == icc.profile(kept + b"appended")


@pytest.mark.parametrize("name", IGNORED)
def test_a_profile_that_browsers_ignore_is_dropped(name: str) -> None:
    assert icc.profile(IGNORED[name]) == b""


def test_of_the_header_only_what_colours_depend_on_is_kept() -> None:
    kept = icc.profile(GOOD)
    assert kept[:8] == struct.pack(">II", len(kept), 0)
    assert kept[8:24] == b"\x02\x40\0\0mntrRGB XYZ "
    assert kept[24:68] == bytes(12) + b"acsp" + bytes(28)
    assert kept[68:128] == D50 + bytes(48)


def test_each_tag_is_cut_to_its_size() -> None:
    kept = tags(icc.profile(GOOD))
    assert kept.keys() == {*WIDE, *toned(b""), b"desc", b"cprt"}
    assert kept[b"rXYZ"] == b"XYZ " + bytes(4) + WIDE[b"rXYZ"][8:20]
    assert kept[b"rTRC"] == b"curv" + bytes(4) + gamma(1.2)[8:14]
    table = tags(icc.profile(APPLIED["a 16-bit table"][0]))[b"A2B0"]
    assert table == b"mft2" + bytes(4) + lut16()[8:11] + b"\0" + lut16()[12 : -len(TEXT)]


def test_equal_data_are_stored_once() -> None:
    assert icc.profile(GOOD).count(b"curv") == 1


def test_overlapping_tags_do_not_make_a_small_profile_large() -> None:
    """Each tag is a curve that begins a little later in the same data."""
    raw = bytearray(written(dict.fromkeys((b"rTRC", b"gTRC", b"bTRC", b"kTRC"), gamma(1)), version=0x04400000))
    curves = b"".join(b"curv" + struct.pack(">II", 0, 20_000 - 6 * number) for number in range(4)) + bytes(40_000)
    for number in range(4):
        struct.pack_into(">II", raw, 132 + 12 * (number + 1) + 4, len(raw) + 12 * number, len(curves) - 12 * number)
    raw[:4] = struct.pack(">I", len(raw) + len(curves))
    assert icc.profile(bytes(raw) + curves) == b""


@given(st.sampled_from(sorted(APPLIED)), st.data())
def test_a_damaged_profile_is_kept_whole_or_dropped(name: str, data: st.DataObject) -> None:
    raw = bytearray(APPLIED[name][0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 4))
        raw[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    kept = icc.profile(bytes(raw))
    assert icc.profile(kept) == kept
    if kept:
        assert struct.unpack_from(">I", kept)[0] == len(kept) <= len(raw) + icc.TEXTS_BYTES


@given(st.binary())
@example(by_lcms("LAB")[:131])
def test_other_data_are_no_profile(data: bytes) -> None:
    assert icc.profile(data) == b""
