"""Identity where it becomes scarce, and how long it lasts."""

import re
import time
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


async def seen_at(world: World, visitor_id: int) -> int:
    """Return when the visitor was last here, as it is stored, in milliseconds since the epoch."""
    await world.settle()
    [(seen,)] = await world.database.run("SELECT seen_at FROM visitors WHERE id = ?", (visitor_id,))
    return int(str(seen))


async def test_who_comes_back_was_here_now(world: World) -> None:
    """Whoever owns no room and holds no place is known for 30 days after the last visit, not after the first."""
    (back, session), away = await world.visitors.identify(None), await world.visitor()
    started = int(time.time() * 1000)
    month_ago = started - visitors.FORGET_AFTER_MS + visitors.SEEN_EVERY_MS
    await world.database.run("UPDATE visitors SET seen_at = ?", (month_ago,))
    await world.restart()
    assert (await world.visitors.identify(session))[0] == back
    assert await seen_at(world, back.id) >= started
    assert await seen_at(world, away.id) == month_ago
