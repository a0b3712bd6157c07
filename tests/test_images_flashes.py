"""Which moving images must not play by themselves: WCAG 2.2, success criterion 2.3.1, in all three formats."""

import io
import re
import struct
from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from handlers.resources import STATIC
from realtime.chat.images import flashes
from realtime.chat.images.model import ImageLimits
from realtime.chat.images.picture import finish
from realtime.chat.images.scan import scan
from tests.flashes.ours import ours
from tests.flashes.sequences import every
from tests.flashes.verdicts import recorded
from tests.images import gif_extension

Colour = tuple[int, ...]
BLACK, WHITE, GREY = (0, 0, 0), (255, 255, 255), (128, 128, 128)
RED, BLUE, CLEAR = (255, 0, 0), (0, 0, 255), (0, 0, 0, 0)
SIZE = 320, 240
FOREVER = {"GIF": 0, "WEBP": 0, "PNG": 0}
ONCE: dict[str, int | None] = {"GIF": None, "WEBP": 1, "PNG": 1}


def frames(*colours: Colour, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    return [Image.new("RGBA", size, colour) for colour in colours]


def spots(colours: Sequence[Colour], side: int, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    """Return frames that are grey but for a square of that side in the middle."""
    shown = frames(*[GREY] * len(colours), size=size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    for frame, colour in zip(shown, colours, strict=True):
        frame.paste(colour, (left, top, left + side, top + side))
    return shown


def film(
    shown: Sequence[Image.Image],
    delays_ms: int | Sequence[int] = 100,
    *,
    loop: int | None = 0,
    format_name: str = "GIF",
    disposal: int = 1,
) -> bytes:
    """Return an animation of the frames."""
    options: dict[str, object] = {} if loop is None else {"loop": loop}
    options |= {"lossless": True} if format_name == "WEBP" else {"disposal": disposal}
    durations = [delays_ms] * len(shown) if isinstance(delays_ms, int) else list(delays_ms)
    file = io.BytesIO()
    options |= {"save_all": True, "append_images": shown[1:], "duration": durations}
    shown[0].save(file, format_name, **options)
    return file.getvalue()


def flash(data: bytes) -> bool:
    """Return what the examiner says of a file."""
    return finish(scan(data, ImageLimits())).flashes


def test_it_agrees_with_an_independent_detector() -> None:
    """What IRIS of Electronic Arts says of forty random sequences and some chosen ones (tests/flashes)."""
    verdicts = recorded()
    assert {name: ours(sequence) for name, sequence in every().items()} == verdicts
    assert len(verdicts) // 3 < sum(verdicts.values()) < len(verdicts) * 2 // 3


# -- how often


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize(("delay_ms", "flashing"), [(30, True), (100, True), (160, True), (170, False), (500, False)])
def test_more_than_three_flashes_a_second_are_too_many(format_name: str, delay_ms: int, flashing: bool) -> None:
    """Two frames flash forever: six changes of 170 ms take longer than a second, seven of 160 do not."""
    assert flash(film(frames(BLACK, WHITE), delay_ms, format_name=format_name)) is flashing


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG"])
def test_an_animation_that_plays_once_counts_once(format_name: str) -> None:
    """Seven changes are too many, three flashes are not; once more over the seam, they are."""
    changes = [BLACK, WHITE] * 4
    assert flash(film(frames(*changes), 100, loop=ONCE[format_name], format_name=format_name))
    three = film(frames(*changes[:7]), 100, loop=ONCE[format_name], format_name=format_name)
    assert not flash(three)
    assert flash(film(frames(*changes[:7]), 100, loop=FOREVER[format_name], format_name=format_name))


def test_flashes_are_counted_over_the_seam_of_a_long_loop() -> None:
    """Four changes at the end and four at the beginning, with five seconds between."""
    shown = frames(BLACK, WHITE, BLACK, WHITE, GREY, WHITE, BLACK, WHITE)
    delays = [100, 100, 100, 100, 5000, 100, 100, 100]
    assert flash(film(shown, delays))
    assert not flash(film(shown, delays, loop=None))
    assert not flash(film(shown, [*delays[:-1], 700]))


@pytest.mark.parametrize("delay_ms", [0, 10])
def test_a_delay_that_is_too_short_is_played_as_a_tenth_of_a_second(delay_ms: int) -> None:
    """After eight frames of one colour come eight of the other: it is 0.8 s, not 80 ms, from change to change."""
    black, white = (gif_frame(colour, delay_ms=delay_ms) for colour in (0, 1))
    assert flash(gif_made((black + white) * 4))
    assert not flash(gif_made((black * 8 + white * 8) * 2))


def gif_made(drawn: bytes) -> bytes:
    """Return a GIF of 8 x 8 pixels, black and white, that repeats."""
    size = struct.pack("<HH", 8, 8)
    head = b"GIF89a" + size + b"\x81\0\0" + bytes(3) + b"\xff\xff\xff" + bytes(6)
    return head + gif_extension(0xFF, b"NETSCAPE2.0", b"\x01\0\0") + drawn + b";"


def gif_frame(colour: int, *, side: int = 8, delay_ms: int = 100, disposal: int = 1) -> bytes:
    """Return a frame of one colour; with a smaller side, it covers only the upper left of the image."""
    control = gif_extension(0xF9, struct.pack("<BHB", disposal << 2, delay_ms // 10, 0))
    # Codes of three bits: clear (4) before each second pixel, so that they stay so short; then the end (5).
    codes = [code for _ in range(side * side // 2) for code in (4, colour, colour)] + [5]
    bits = sum(code << 3 * at for at, code in enumerate(codes))
    data = bits.to_bytes(-(-3 * len(codes) // 8), "little")
    return control + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02" + bytes([len(data)]) + data + b"\0"


# -- how bright


@pytest.mark.parametrize(
    ("one", "other", "flashing"),
    [
        (BLACK, (94, 94, 94), True),  # 0 and 0.11
        (BLACK, (83, 83, 83), False),  # 0 and 0.09
        ((230, 230, 230), WHITE, True),  # 0.79 and 1
        ((232, 232, 232), WHITE, False),  # 0.81 and 1
        (RED, BLACK, True),
        (RED, (90, 90, 90), True),
        ((120, 0, 0), BLUE, True),  # 0.04 and 0.07
        ((0, 60, 255), (0, 0, 255), False),
        (BLUE, BLACK, False),  # 0.07 and 0
        ((170, 120, 120), (150, 130, 130), False),
    ],
)
def test_what_changes_enough(one: Colour, other: Colour, flashing: bool) -> None:
    """A tenth of the greatest luminance, with one state below 0.8 of it; or of saturated red."""
    assert flash(film(frames(one, other), format_name="PNG")) is flashing


def test_a_slow_change_counts_as_much_as_a_sudden_one() -> None:
    """Peaks and valleys count, not the steps between; a staircase in one direction is a single change."""
    wave = [0, 70, 110, 130, 110, 70]
    assert flash(film(frames(*[(grey, grey, grey) for grey in wave * 4]), 40))
    assert not flash(film(frames(*[(grey, grey, grey) for grey in wave * 4]), 80))
    stairs = [(grey, grey, grey) for grey in range(0, 250, 10)]
    assert not flash(film(frames(*stairs), 60))


# -- how large


@pytest.mark.parametrize(("side", "flashing"), [(36, False), (40, False), (52, True), (100, True)])
def test_a_quarter_of_ten_degrees_of_view_is_large(side: int, flashing: bool) -> None:
    """320 x 240 pixels are shown 3.2 times as large: 46 x 46 of them are a quarter of 341 x 256."""
    assert flash(film(spots([BLACK, WHITE], side))) is flashing


@pytest.mark.parametrize(
    ("size", "flashing"), [((16, 16), True), ((200, 4), False), ((2000, 40), False), ((2000, 160), True)]
)
def test_the_size_that_counts_is_the_largest_that_the_page_shows(size: tuple[int, int], flashing: bool) -> None:
    """The smallest picture is large in the projector view; a long low one stays low."""
    assert flash(film(frames(BLACK, WHITE, size=size))) is flashing


def test_the_page_enlarges_images_as_far_as_is_taken_for_granted() -> None:
    viewer = (STATIC / "js" / "room" / "pictures" / "file.js").read_text("utf-8")
    projector = (STATIC / "css" / "screen.css").read_text("utf-8")
    assert re.findall(r"MAX_SCALE = (\d+);", viewer) == [f"{flashes.ENLARGED:g}"]
    assert re.findall(r"--picture: min\((\d+)vh", projector) == [f"{flashes.PROJECTED * 100:g}"]


@pytest.mark.parametrize(("side", "flashing"), [(1, False), (24, True)])
def test_a_fine_balanced_pattern_is_no_flash(side: int, flashing: bool) -> None:
    """A chequerboard that alternates: of squares below 0.1 degree, and of large ones."""
    board = Image.new("L", (384, 384))
    pen = ImageDraw.Draw(board)
    for left in range(0, 384, side):
        for top in range(0, 384, side):
            pen.rectangle((left, top, left + side - 1, top + side - 1), fill=255 * ((left + top) // side % 2))
    assert flash(film([board, board.point(lambda value: 255 - value)], 80)) is flashing


def test_what_only_moves_does_not_flash() -> None:
    """A ball that jumps to and fro has outlines that change, but no area that does at once; nor have our own GIFs."""
    shown = []
    for at in (0, 4, 9, 4):
        frame = Image.new("L", (160, 160), 255)
        ImageDraw.Draw(frame).ellipse((40 + at, 40, 110 + at, 110), outline=0, width=4, fill=120)
        shown.append(frame)
    assert not flash(film(shown, 60))
    assert [gif.name for gif in sorted((STATIC / "shelf").glob("*.gif")) if flash(gif.read_bytes())] == []


# -- how a browser draws it


@pytest.mark.parametrize(("format_name", "disposal"), [("GIF", 2), ("WEBP", 0), ("PNG", 0)])
@pytest.mark.parametrize("colour", [BLACK, WHITE])
def test_what_is_transparent_shows_the_page(format_name: str, disposal: int, colour: Colour) -> None:
    """The page is dark or bright: one of the two makes this flash."""
    shown = [*frames((*colour, 255)), *frames(CLEAR)] * 2
    assert flash(film(shown, format_name=format_name, disposal=disposal))


@pytest.mark.parametrize(("disposal", "flashing"), [(1, False), (2, True), (3, True)])
def test_a_frame_is_disposed_of_as_it_says(disposal: int, flashing: bool) -> None:
    """White frames over a black one stay, or are gone when the next one comes, which draws only a corner."""
    white, corner = gif_frame(1, disposal=disposal), gif_frame(1, side=2)
    once = gif_made(gif_frame(0) + (white + corner) * 4).replace(b"NETSCAPE2.0", b"NETSCAPE2.1")
    assert flash(once) is flashing
