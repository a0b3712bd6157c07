"""Visitors' identities: running out of colours, and how long a visitor is remembered."""

import asyncio
import gc
import re
import time
from types import SimpleNamespace

import pytest

import composition
import realtime.clock
from realtime.chat import newcomers, visitors
from realtime.chat.model import record_id
from realtime.chat.newcomers import Newcomer
from realtime.chat.permissions import Act
from realtime.chat.policy import RoomForm
from realtime.errors import NotAdmitted, Storage, WrongPassword
from tests.conftest import ExpectLog
from tests.world import Peer, World, world

__all__ = ["world"]

pytestmark = pytest.mark.sqlite  # it queries the database


def newcomer(world: World) -> Newcomer:
    """Return a new visitor who has done nothing."""
    who, _ = world.visitors.identify(None)
    assert isinstance(who, Newcomer)
    return who


def one_colour(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make colorhash give all the same colour; return the texts that it is asked for."""
    tried: list[str] = []

    def taken(text: str, **_: object) -> SimpleNamespace:
        tried.append(text)
        return SimpleNamespace(hex="#102030")

    monkeypatch.setattr(visitors, "ColorHash", taken)
    return tried


async def test_visitors_get_a_colour_even_when_all_usual_ones_are_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = one_colour(monkeypatch)
    colours = [(await world.visitor()).user for _ in range(100)]
    assert len(set(colours)) == len(colours)
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)
    assert len(tried) == 1 + 99 * (1 + visitors.FINER_TRIES)


async def test_newcomers_have_a_colour_that_nobody_else_gets_and_are_not_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_colour(monkeypatch)
    stored = await world.visitor()
    some = [newcomer(world) for _ in range(50)]
    assert len({stored.user, *(who.user for who in some)}) == 51
    assert await world.stored("visitors") == len(world.visitors) == 1
    for who in reversed(some):
        await world.visitors.saved(who)
    assert await world.stored("visitors") == len(world.visitors) == 51
    assert [world.visitors.by_user(who.user) for who in some] == some


async def test_a_newcomer_keeps_colour_and_id_from_the_first_page_on(world: World) -> None:
    """Also when they act by several connections at once."""
    who, session = world.visitors.identify(None)
    assert world.visitors.identify(session) == (who, None)
    await asyncio.gather(*(world.visitors.saved(who) for _ in range(3)))
    again, given = world.visitors.identify(session)
    assert (again, again.user, given) == (who, who.user, None)
    assert await world.stored("visitors") == 1


async def test_a_cookie_is_enough_after_a_restart(world: World) -> None:
    who, session = world.visitors.identify(None)
    await world.restart()
    again, given = world.visitors.identify(session)
    assert (again.user, given) == (who.user, None)
    await world.visitors.saved(again)
    await world.restart()
    assert world.visitors.identify(session) == (again, None)


async def test_only_the_latest_newcomers_are_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who comes back meanwhile counts as the latest; who is forgotten comes back as someone else."""
    monkeypatch.setattr(newcomers, "MOST", 3)
    sessions = [world.visitors.identify(None)[1] for _ in range(3)]
    ids = [world.visitors.identify(session)[0].id for session in sessions]
    newcomer(world)
    assert [world.visitors.identify(session)[0].id for session in sessions[1:]] == ids[1:]
    assert world.visitors.identify(sessions[0])[0].id not in ids
    assert len(world.visitors.newcomers) == 3


async def test_newcomers_of_whom_nothing_is_heard_are_forgotten_in_time(world: World) -> None:
    for _ in range(10):
        newcomer(world)
    world.clock.advance(newcomers.KEPT_S / 2)
    later, session = world.visitors.identify(None)
    assert len(world.visitors.newcomers) == 11
    world.clock.advance(newcomers.KEPT_S / 2)
    assert world.visitors.identify(session) == (later, None)
    assert len(world.visitors.newcomers) == 1


async def test_a_colour_that_an_open_page_shows_stays_reserved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connected page keeps its newcomer, whoever else comes; when it is closed, the colour is free."""
    monkeypatch.setattr(newcomers, "MOST", 1)
    one_colour(monkeypatch)
    who, session = world.visitors.identify(None)
    page = Peer(world, who, "/room")
    assert [newcomer(world).user == who.user for _ in range(5)] == [False] * 5
    assert world.visitors.identify(session) == (who, None)
    other = newcomer(world)
    page.drop()
    colour = who.user
    del who, page
    gc.collect()
    assert newcomer(world).user == colour
    assert other.user != colour


async def test_who_lost_a_reservation_gets_another_colour_with_the_first_act(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page showed the colour, was not connected, and so many came that someone else has it now."""
    monkeypatch.setattr(newcomers, "MOST", 1)
    one_colour(monkeypatch)
    room = await world.room()
    monkeypatch.setattr(visitors, "ColorHash", lambda *_, **__: SimpleNamespace(hex="#405060"))
    who, session = world.visitors.identify(None)
    shown = who.user
    del who
    newcomer(world)
    other = newcomer(world)
    assert other.user == shown
    again = await world.peer(world.visitors.identify(session)[0])
    assert (await again.join(room)).user == again.who.user != shown
    assert (await (await world.peer(other)).join(room)).user == shown


async def test_opening_open_rooms_stores_nothing_until_the_first_act(world: World) -> None:
    first, second, closed = await world.room(), await world.room(), await world.room(password="1234")
    rows = await world.stored("visitors"), await world.stored("grants")
    who = newcomer(world)
    for room in (first, second, first):
        await world.service.admit(who, "10.0.0.1", room.id, None)
        assert (await world.service.history.page(who, room.id, None, 50)).chats == []
    with pytest.raises(WrongPassword):
        await world.service.admit(who, "10.0.0.1", closed.id, "no")
    peer = await world.peer(who)
    with pytest.raises(WrongPassword):
        await peer.join(closed, password="no")
    assert (await world.stored("visitors"), await world.stored("grants")) == rows
    await peer.join(first)
    await world.settle()
    assert (await world.stored("visitors"), await world.stored("grants")) == (rows[0] + 1, rows[1] + 2)
    assert not who.opened
    await world.service.post(who, second.id, "안녕", None)


async def test_who_opens_many_rooms_is_stored(world: World) -> None:
    rooms = [await world.room() for _ in range(newcomers.MOST_OPENED + 1)]
    stored = await world.stored("visitors")
    who = newcomer(world)
    for room in rooms:
        assert await world.stored("visitors") == stored
        await world.service.admit(who, "10.0.0.1", room.id, None)
    assert await world.stored("visitors") == stored + 1
    await world.restart()
    for room in rooms:
        world.service.check(who, Act.SAY, room.id)


async def test_a_password_stores_whom_it_admits(world: World) -> None:
    room = await world.room(password="1234")
    who, session = world.visitors.identify(None)
    await world.service.admit(who, "10.0.0.1", room.id, "1234")
    await world.restart()
    again, _ = world.visitors.identify(session)
    assert (again, again.user) == (who, who.user)
    await world.service.admit(again, "10.0.0.1", room.id, None)


async def test_who_was_kicked_is_not_let_in_for_having_opened_the_room_before(world: World) -> None:
    owner = await world.visitor()
    room, who = await world.room(owner), newcomer(world)
    await world.service.admit(who, "10.0.0.1", room.id, None)
    await (await world.peer(who)).join(room)
    await world.service.owner.kick(owner, room.id, who.user)
    await world.service.owner.readmit(owner, room.id, who.user)
    with pytest.raises(NotAdmitted):
        world.service.post(who, room.id, "안녕", None)


async def test_newcomers_on_a_full_disk_can_read_and_act_once_there_is_space(
    world: World, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "storage: ")
    owner = await world.visitor()
    room, closed = await world.room(owner), await world.room(owner, password="1234")
    await world.kept.refuse(True)
    who, session = world.visitors.identify(None)
    for one, password in ((room, None), (closed, "1234")):
        await world.service.admit(who, "10.0.0.1", one.id, password)
        assert (await world.service.history.page(who, one.id, None, 50)).chats == []
    with pytest.raises(Storage):
        await world.service.store(who)
    with pytest.raises(Storage):
        world.service.post(who, room.id, "안녕", None)
    with pytest.raises(Storage):
        await world.service.create(who, RoomForm(title="방"))
    await world.settle()
    assert len(world.visitors) == 1
    await world.kept.refuse(False)
    assert world.visitors.identify(session) == (who, None)
    await world.service.store(who)
    await world.service.post(who, closed.id, "안녕", None)
    await world.restart()
    assert world.visitors.identify(session)[0] == who
    world.service.check(who, Act.SAY, room.id)


async def seen_at(world: World, visitor_id: int) -> int:
    """Return the stored time of the visitor's last visit, in milliseconds since the Unix epoch."""
    await world.settle()
    [(seen,)] = await world.database.run("SELECT seen_at FROM visitors WHERE id = ?", (visitor_id,))
    return int(str(seen))


async def test_a_returning_visitor_is_marked_as_seen_now(world: World) -> None:
    """A visitor without a room or a place is remembered for 30 days after the last visit, not after the first."""
    back, session = world.visitors.identify(None)
    await world.visitors.saved(back)
    away = await world.visitor()
    started = int(time.time() * 1000)
    month_ago = started - visitors.FORGET_AFTER_MS + visitors.SEEN_EVERY_MS
    await world.database.run("UPDATE visitors SET seen_at = ?", (month_ago,))
    await world.restart()
    assert world.visitors.identify(session)[0] == back
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
    back, session = world.visitors.identify(None)
    await world.visitors.saved(back)
    away = await world.visitor()
    clocks.set_by = set_by
    await world.visitors.forget()
    assert world.visitors.identify(session)[0] == back
    assert world.visitors.by_id(away.id) is not None
    assert abs(await seen_at(world, back.id) - time.time() * 1000) < visitors.SEEN_EVERY_MS
    clocks.passed = MONTH_S - 7200
    world.visitors.identify(session)
    await world.settle()
    await world.visitors.forget()
    assert world.visitors.by_id(away.id) is not None
    clocks.passed = MONTH_S
    await world.visitors.forget()
    assert world.visitors.identify(session)[0] == back
    assert (world.visitors.by_id(away.id) is None) is (set_by > 0)  # or the stored time of the visit lies years ahead
    await world.restart()
    assert world.visitors.identify(session)[0] == back


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
