"""Room passwords: which guesses are hashed, and which are answered from memory."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tornado.ioloop import IOLoop

from realtime.chat.model import RoomView, Visitor
from realtime.chat.passwords import REMEMBERED_S, Passwords, RoomPassword
from realtime.chat.policy import Limits, RoomPatch
from realtime.chat.rates import GuessThrottle
from realtime.chat.turns import ALONE, Turns
from realtime.errors import DomainError, Storage, TooFast, WrongPassword
from tests.doubles import ManualClock
from tests.world import World

CLASS = 30


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of guesses passed to argon2."""
    asked: list[str] = []
    verify = PasswordHasher.verify

    def noting(self: PasswordHasher, password_hash: str, text: str) -> bool:
        asked.append(text)
        return verify(self, password_hash, text)

    monkeypatch.setattr(PasswordHasher, "verify", noting)
    return asked


class Door:
    """One password and guesses at it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.passwords = Passwords(self.clock, Turns())
        self.password = RoomPassword(PasswordHasher().hash("열쇠"))

    async def guess(self, *texts: str) -> list[object]:
        """Make all guesses at once; return for each whether it was right, or the error."""
        guesses = [self.passwords.verify(self.password, text, "10.0.0.1") for text in texts]
        return list(await asyncio.gather(*guesses, return_exceptions=True))


@pytest.fixture
def door() -> Iterator[Door]:
    door = Door()
    yield door
    door.passwords.close()


async def test_equal_right_guesses_are_hashed_once(door: Door, hashed: list[str]) -> None:
    assert await door.guess(*["열쇠"] * CLASS) == [True] * CLASS
    assert await door.guess(*["열쇠"] * CLASS, "열쇠 ", "") == [True] * CLASS + [False] * 2
    assert hashed == ["열쇠"]


async def test_a_wrong_guess_is_hashed_every_time_until_the_right_one_is_known(door: Door, hashed: list[str]) -> None:
    for _ in range(2):
        assert await door.guess("a", "b", "a") == [False] * 3
    assert sorted(hashed) == ["a", "a", "b", "b"]
    assert await door.guess("열쇠") == [True]
    assert await door.guess("a", "열쇠 ", "") == [False] * 3
    assert hashed[4:] == ["열쇠"]


async def test_a_right_guess_is_remembered_until_ten_minutes_after_its_last_use(door: Door, hashed: list[str]) -> None:
    for _ in range(2):
        assert await door.guess("열쇠") == [True]
        door.clock.advance(REMEMBERED_S - 1)
        assert await door.guess("열쇠") == [True]
        door.clock.advance(REMEMBERED_S - 1)
        assert await door.guess("아님") == [False]  # which is no use of the right one
        door.clock.advance(1)
    assert hashed == ["열쇠"] * 2


async def test_a_new_password_is_known_from_the_start(door: Door, hashed: list[str]) -> None:
    door.password = await door.passwords.hash("자물쇠", "10.0.0.1")
    assert await door.guess("자물쇠", "열쇠") == [True, False]
    assert hashed == []


async def test_the_same_password_for_another_room_is_hashed(door: Door, hashed: list[str]) -> None:
    assert await door.guess("열쇠") == [True]
    door.password = RoomPassword(PasswordHasher().hash("열쇠"))
    assert await door.guess("열쇠") == [True]
    assert hashed == ["열쇠"] * 2


async def test_a_cancelled_guess_does_not_affect_equal_ones(door: Door, hashed: list[str]) -> None:
    first, second = [asyncio.ensure_future(door.guess("열쇠")) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    assert await second == [True]
    assert hashed == ["열쇠"]


async def test_only_distinct_guesses_fill_the_queue(door: Door) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    door.password = RoomPassword(quick.hash("열쇠"))
    waiting = int(ALONE.each)  # behind the first
    answers = await door.guess(*["열쇠"] * 2 * waiting, *map(str, range(waiting + 1)), "열쇠")
    assert [answer for answer in answers if not isinstance(answer, TooFast)] == (
        [True] * 2 * waiting + [False] * waiting + [True]
    )
    assert door.password.checking == {}


# In the service.


@pytest.fixture
def world(io_loop: IOLoop, tmp_path: Path) -> Iterator[World]:
    """Return a server without a network and with the default throttling."""
    made = World(tmp_path, Limits())
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


async def enter(world: World, room: RoomView, text: str, who: Visitor | None = None, address: str = "") -> object:
    """Enter as a new visitor; return the room or the error."""
    who = who or await world.visitor()
    try:
        return await world.service.admit(who, address or f"10.0.0.{who.id}", room.id, text)
    except DomainError as error:
        return type(error)


async def test_a_changed_password_invalidates_remembered_guesses(
    world: World, hashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await world.visitor()
    room = await world.room(owner, password="열쇠", max=20)

    async def change(password: str | None) -> None:
        await world.service.owner.change(owner, room.id, RoomPatch(password=password))

    assert isinstance(await enter(world, room, "열쇠"), RoomView)
    await world.service.owner.change(owner, room.id, RoomPatch(title="다른 제목"))
    with monkeypatch.context() as patch:
        patch.setattr(world.stores.rooms, "change", fail)
        with pytest.raises(Storage):
            await change("자물쇠")
    assert isinstance(await enter(world, room, "열쇠"), RoomView)
    await change("자물쇠")
    assert await enter(world, room, "열쇠") is WrongPassword
    assert isinstance(await enter(world, room, "자물쇠"), RoomView)
    await change("열쇠")
    assert isinstance(await enter(world, room, "열쇠"), RoomView)
    assert hashed == []  # each was known to be right since it was made


async def fail(*_: object) -> None:
    raise Storage


async def test_a_class_behind_one_address_is_not_throttled_for_equal_guesses(world: World, hashed: list[str]) -> None:
    teacher = await world.peer()
    room = await world.room(teacher.who, password="열쇠", max=CLASS + 10)
    await teacher.join(room)
    world.clock.advance(REMEMBERED_S)
    for text, expected in (("아님", WrongPassword), ("열쇠", RoomView)):
        answers = await asyncio.gather(*(enter(world, room, text, address="10.2.0.1") for _ in range(CLASS)))
        assert [a if isinstance(a, type) else type(a) for a in answers] == [expected] * CLASS
    assert [type(await enter(world, room, "열쇠", address="10.2.0.1")) for _ in range(8)] == [RoomView] * 8
    assert hashed == ["아님", "열쇠"]


async def test_a_remembered_right_guess_does_not_bypass_the_throttle_of_a_visitor(world: World) -> None:
    room = await world.room(password="열쇠", max=20)
    throttle, who = GuessThrottle(), await world.visitor()
    for _ in range(throttle.free):
        assert await enter(world, room, "아님", who) is WrongPassword
    assert await enter(world, room, "열쇠", who) is TooFast


async def test_the_wrong_guesses_of_fresh_cookies_shut_nobody_else_out(world: World, hashed: list[str]) -> None:
    """The address's pool of guesses is used up; who knows the password needs none, and another address has its own."""
    room = await world.room(password="열쇠", max=100)
    answers = [await enter(world, room, f"{n}", address="10.1.0.1") for n in range(300)]
    assert set(answers[:14]) == {WrongPassword}
    assert answers[-1] is TooFast
    assert hashed == []
    right = [await enter(world, room, "열쇠", address="10.1.0.1") for _ in range(32)]
    assert {type(answer) for answer in right} == {RoomView}
    assert await enter(world, room, "아님", address="10.1.0.2") is WrongPassword
    refusals = world.service.allowances.refusals
    assert refusals == {("guesses", "address"): answers.count(TooFast)}
