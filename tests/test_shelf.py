"""The GIFs that come with gifchat: the files and their catalogue."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.conftest import ROOT

KIB = 1024
FOLDER = ROOT / "static" / "shelf"
ENTRIES = json.loads((FOLDER / "shelf.json").read_text(encoding="utf-8"))


def frames(gif: Path) -> list[tuple[Image.Image, int]]:
    """Return the frames and their durations in milliseconds."""
    with Image.open(gif) as image:
        shown = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            shown.append((image.convert("RGB"), int(image.info["duration"])))
    return shown


def test_the_catalogue_lists_exactly_the_files_of_the_shelf() -> None:
    assert 24 <= len(ENTRIES) <= 32
    listed = [name for entry in ENTRIES for name in (entry["name"], entry["poster"])]
    assert len(listed) == len(set(listed))
    assert {*listed, "shelf.json"} == {file.name for file in FOLDER.iterdir()}


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
    # Browsers treat durations below 20 ms as 100 ms; one to three seconds is a glance.
    durations_ms = [duration_ms for _, duration_ms in frames(file)]
    assert min(durations_ms) >= 20
    assert 300 <= sum(durations_ms) <= 3000


def test_the_shelf_is_small() -> None:
    sizes_bytes = [(FOLDER / str(entry["name"])).stat().st_size for entry in ENTRIES]
    assert sum(sizes_bytes) / len(sizes_bytes) <= 25.5 * KIB


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_each_gif_has_keywords_in_both_languages(entry: dict[str, list[str]]) -> None:
    for language, letters in (("ko", "[가-힣ㄱ-ㅣ]+"), ("en", "[a-z]+")):
        words = entry[language]
        assert len(words) >= 3
        assert len(words) == len(set(words))
        assert all(re.fullmatch(letters, word) for word in words), words


@pytest.mark.parametrize("language", ["ko", "en"])
def test_no_two_gifs_have_the_same_name(language: str) -> None:
    names = [entry[language][0] for entry in ENTRIES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_each_gif_loops_seamlessly(entry: dict[str, object]) -> None:
    """The step from the last frame to the first is no larger than the largest step between frames."""
    shown = [frame for frame, _ in frames(FOLDER / str(entry["name"]))]
    steps = [
        sum(ImageStat.Stat(ImageChops.difference(frame, shown[number - 1])).mean) for number, frame in enumerate(shown)
    ]
    assert steps[0] <= 1.1 * max(steps[1:])
