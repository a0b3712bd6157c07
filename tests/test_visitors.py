"""Visitors' identities: running out of colours, and how long a visitor is remembered."""

import asyncio
import re
import time
from types import SimpleNamespace

import pytest

import composition
import realtime.clock
from realtime.chat import visitors
from realtime.chat.model import record_id
from realtime.chat.policy import RoomForm
from realtime.errors import Storage
from tests.conftest import ExpectLog
from tests.world import World, world

__all__ = ["world"]

pytestmark = pytest.mark.sqlite  # it queries the database


async def test_visitors_get_a_colour_even_when_all_usual_ones_are_taken(
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


async def test_newcomers_on_a_full_disk_are_stored_together_once_there_is_space(
    world: World, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "storage: ")
    room = await world.room(await world.visitor())
    await world.kept.refuse(True)
    (first, session), (second, other) = await world.visitors.identify(None), await world.visitors.identify(None)
    await world.service.admit(first, "10.0.0.1", room.id, None)
    assert (await world.service.history(first, room.id, None, 50)).chats == []
    with pytest.raises(Storage):
        world.service.post(first, room.id, "안녕", None)
    with pytest.raises(Storage):
        await world.service.create(first, RoomForm(title="방"))
    await world.settle()
    await world.kept.refuse(False)
    assert (await world.visitors.identify(session)) == (first, None)
    await world.settle()
    await world.service.post(first, room.id, "안녕", None)
    await world.restart()
    assert [(await world.visitors.identify(one))[0] for one in (session, other)] == [first, second]


async def test_newcomers_beyond_a_limit_are_refused_on_a_full_disk(
    world: World, expect_log: ExpectLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("gifchat.db", "storage: ")
    monkeypatch.setattr(visitors, "MAX_UNSAVED", 2)
    await world.kept.refuse(True)
    for _ in range(2):
        await world.visitors.identify(None)
    with pytest.raises(Storage):
        await world.visitors.identify(None)
    assert len(world.visitors) == 2
    await world.kept.refuse(False)


async def seen_at(world: World, visitor_id: int) -> int:
    """Return the stored time of the visitor's last visit, in milliseconds since the Unix epoch."""
    await world.settle()
    [(seen,)] = await world.database.run("SELECT seen_at FROM visitors WHERE id = ?", (visitor_id,))
    return int(str(seen))


async def test_a_returning_visitor_is_marked_as_seen_now(world: World) -> None:
    """A visitor without a room or a place is remembered for 30 days after the last visit, not after the first."""
    (back, session), away = await world.visitors.identify(None), await world.visitor()
    started = int(time.time() * 1000)
    month_ago = started - visitors.FORGET_AFTER_MS + visitors.SEEN_EVERY_MS
    await world.database.run("UPDATE visitors SET seen_at = ?", (month_ago,))
    await world.restart()
    assert (await world.visitors.identify(session))[0] == back
    assert await seen_at(world, back.id) >= started
    assert await seen_at(world, away.id) == month_ago


YEARS_S = 6 * 365 * 24 * 3600
MONTH_S = visitors.FORGET_AFTER_MS / 1000


class Clocks:
    """The machine's clocks: how far the wall clock was set, and how much time has passed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.set_by = self.passed = 0.0
        wall, elapsed = time.time, realtime.clock.elapsed_s
        monkeypatch.setattr(time, "time", lambda: wall() + self.set_by + self.passed)
        monkeypatch.setattr(realtime.clock, "elapsed_s", lambda: elapsed() + self.passed)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Return clocks of the machine that a test can move."""
    return Clocks(monkeypatch)


@pytest.mark.parametrize("set_by", [YEARS_S, -YEARS_S])
async def test_setting_the_clock_does_not_make_visitors_be_forgotten(
    world: World, clocks: Clocks, set_by: float
) -> None:
    """A visitor who returns within the next month is still known, also after a restart; others are forgotten then."""
    (back, session), away = await world.visitors.identify(None), await world.visitor()
    clocks.set_by = set_by
    await world.visitors.forget()
    assert (await world.visitors.identify(session))[0] == back
    assert world.visitors.by_id(away.id) is not None
    assert abs(await seen_at(world, back.id) - time.time() * 1000) < visitors.SEEN_EVERY_MS
    clocks.passed = MONTH_S - 7200
    await world.visitors.identify(session)
    await world.settle()
    await world.visitors.forget()
    assert world.visitors.by_id(away.id) is not None
    clocks.passed = MONTH_S
    await world.visitors.forget()
    assert (await world.visitors.identify(session))[0] == back
    assert (world.visitors.by_id(away.id) is None) is (set_by > 0)  # or the stored time of the visit lies years ahead
    await world.restart()
    assert (await world.visitors.identify(session))[0] == back


@pytest.mark.parametrize("set_by", [YEARS_S, -YEARS_S])
async def test_setting_the_clock_does_not_make_records_expire(
    world: World, clocks: Clocks, monkeypatch: pytest.MonkeyPatch, set_by: float
) -> None:
    """Records only expire after the given number of elapsed days."""
    rounds: asyncio.Queue[None] = asyncio.Queue()

    async def forget() -> None:
        rounds.put_nowait(None)

    async def two_rounds() -> None:
        for _ in range(2 + rounds.qsize()):
            await rounds.get()

    monkeypatch.setattr(composition, "HOUSEKEEPING_EVERY_S", 0)
    monkeypatch.setattr(world.visitors, "forget", forget)
    room, who = await world.room(), await world.peer()
    await who.join(room)
    await who.say(room, "옛날")
    housekeeping = asyncio.create_task(composition.run_housekeeping(world.service, world.visitors, keep_days=2))
    await two_rounds()
    clocks.set_by = set_by
    await two_rounds()
    await who.say(room, "지금")
    await two_rounds()
    assert await world.stored("chats WHERE event IS NULL") == 2
    clocks.passed = 3 * 24 * 3600
    await two_rounds()
    housekeeping.cancel()
    # The last record is kept at any age, and so is one that seems to be years ahead.
    assert await world.stored("chats") == (1 if set_by > 0 else 3)


def test_a_record_id_is_valid_whatever_the_clock_says() -> None:
    for seconds in (-1, 0, 2**31, 2**32, 2**33):
        assert re.fullmatch("[0-9a-f]{24}", record_id(7, seconds * 1000))
