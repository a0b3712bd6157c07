"""Identity where it becomes scarce."""

import re
from types import SimpleNamespace

import pytest

from realtime.chat import visitors
from tests.world import World, world

__all__ = ["world"]


async def test_there_is_a_colour_for_everybody_when_all_usual_ones_are_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def taken(text: str, **_: object) -> SimpleNamespace:
        tried.append(text)
        return SimpleNamespace(hex="#102030")

    monkeypatch.setattr(visitors, "ColorHash", taken)
    colours = [(await world.visitor()).user for _ in range(100)]
    assert len(set(colours)) == len(colours)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
    assert len(tried) == 1 + 99 * (1 + visitors.FINER_TRIES)
