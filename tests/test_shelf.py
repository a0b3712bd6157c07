"""The GIFs that come with gifchat: the files, the catalogue of them, and the script that draws both."""

import json
import re
from itertools import groupby
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.conftest import ROOT
from tools.shelf.__main__ import FOLDER, catalogue
from tools.shelf.canvas import Canvas
from tools.shelf.catalogue import SHELF, Loop
from tools.shelf.write import frames_of

KIB = 1024
ENTRIES = json.loads((FOLDER / "shelf.json").read_text(encoding="utf-8"))

Timeline = list[tuple[bytes, int]]
"""What is shown, as RGB, and for how many milliseconds."""


def timeline(gif: Path) -> Timeline:
    with Image.open(gif) as image:
        shown = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            shown.append((image.convert("RGB").tobytes(), int(image.info["duration"])))
    return together(shown)


def together(shown: Timeline) -> Timeline:
    """Return it with what stays the same for several frames in one."""
    groups = groupby(shown, key=lambda frame: frame[0])
    return [(pixels, sum(duration_ms for _, duration_ms in frames)) for pixels, frames in groups]


def test_the_catalogue_tells_of_every_file_and_of_no_other() -> None:
    assert 24 <= len(ENTRIES) <= 32
    told = [name for entry in ENTRIES for name in (entry["name"], entry["poster"])]
    assert len(told) == len(set(told))
    assert {*told, "shelf.json"} == {file.name for file in FOLDER.iterdir()}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_a_gif_is_small_and_loops_and_begins_with_its_poster(entry: dict[str, object]) -> None:
    name = str(entry["name"])
    assert re.fullmatch(r"[a-z-]+\.gif", name)
    assert entry["poster"] == name.replace(".gif", ".poster.webp")
    file, still = FOLDER / name, FOLDER / str(entry["poster"])
    assert file.stat().st_size <= 40 * KIB
    assert still.stat().st_size <= 4 * KIB
    with Image.open(file) as gif, Image.open(still) as poster:
        assert (gif.format, poster.format) == ("GIF", "WEBP")
        assert gif.size == poster.size == (entry["width"], entry["height"])
        assert gif.info["loop"] == 0  # for ever
        assert getattr(gif, "n_frames", 1) >= 6
        assert not getattr(poster, "is_animated", False)
        assert poster.convert("RGB").tobytes() == gif.convert("RGB").tobytes()
    # Under 20 ms a browser takes it for 100; a second or three is a glance.
    durations_ms = [duration_ms for _, duration_ms in timeline(file)]
    assert min(durations_ms) >= 20
    assert 300 <= sum(durations_ms) <= 3000


def test_the_shelf_is_small() -> None:
    sizes_bytes = [(FOLDER / str(entry["name"])).stat().st_size for entry in ENTRIES]
    assert sum(sizes_bytes) / len(sizes_bytes) <= 25.5 * KIB


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_a_gif_is_found_by_words_of_both_languages(entry: dict[str, list[str]]) -> None:
    for language, letters in (("ko", "[가-힣ㄱ-ㅣ]+"), ("en", "[a-z]+")):
        words = entry[language]
        assert len(words) >= 3
        assert len(words) == len(set(words))
        assert all(re.fullmatch(letters, word) for word in words), words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_two_are_called_the_same(language: str) -> None:
    names = [entry[language][0] for entry in ENTRIES]
    assert len(names) == len(set(names))


# --- the script


def test_the_catalogue_is_what_the_script_writes() -> None:
    assert (FOLDER / "shelf.json").read_bytes() == catalogue()
    assert FOLDER == ROOT / "static" / "shelf"


@pytest.mark.parametrize("loop", SHELF, ids=lambda loop: loop.name)
def test_a_poster_is_what_the_script_draws(loop: Loop) -> None:
    canvas = Canvas(loop.ground.plain)
    loop.draw(canvas, loop.start)
    with Image.open(FOLDER / f"{loop.name}.poster.webp") as poster:
        apart = ImageChops.difference(canvas.finished(), poster.convert("RGB"))
    # All that may differ is the colour of an edge, by the few that a palette has.
    assert max(ImageStat.Stat(apart).mean) < 1.5


@pytest.mark.parametrize("name", ["clap", "think"])
def test_a_gif_is_what_the_script_draws(name: str) -> None:
    (loop,) = (loop for loop in SHELF if loop.name == name)
    drawn = together([(frame.convert("RGB").tobytes(), loop.frame_ms) for frame in frames_of(loop)])
    kept = timeline(FOLDER / f"{name}.gif")
    assert [duration_ms for _, duration_ms in drawn] == [duration_ms for _, duration_ms in kept]
    # Sines are not the same to the last bit on every machine: a pixel at an edge may go the other way.
    for (ours, _), (theirs, _) in zip(drawn, kept, strict=True):
        changed = sum(a != b for a, b in zip(ours, theirs, strict=True))
        assert changed <= len(ours) / 1000


@pytest.mark.parametrize("loop", SHELF, ids=lambda loop: loop.name)
def test_a_loop_has_no_seam(loop: Loop) -> None:
    """The step from its last frame to its first is no larger than the largest within."""
    with Image.open(FOLDER / f"{loop.name}.gif") as gif:
        frames = []
        for number in range(getattr(gif, "n_frames", 1)):
            gif.seek(number)
            frames.append(gif.convert("RGB"))
    steps = [
        sum(ImageStat.Stat(ImageChops.difference(frame, frames[number - 1])).mean)
        for number, frame in enumerate(frames)
    ]
    assert steps[0] <= 1.1 * max(steps[1:])
