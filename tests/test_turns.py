"""Turns: few at once, one for each visitor, and a queue that is fair to addresses and visitors."""

import asyncio

import pytest

from realtime.chat.turns import ALONE, READING, Turn, Turns
from realtime.errors import NotHere, TooFast

ONE, OTHER, MACHINE = "10.0.0.1", "10.0.0.2", "10.0.0.66"


def granted(*turns: Turn) -> list[bool]:
    return [turn.granted.done() and turn.granted.exception() is None for turn in turns]


def refused(turn: Turn) -> bool:
    return turn.granted.done() and isinstance(turn.granted.exception(), TooFast)


class Line:
    """Turns whose first is taken until `begin`; notes who had one, in order."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.had: list[str] = []
        self._open = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def wait(self, name: str, address: str, *, early: bool = True) -> "asyncio.Task[None]":
        """Let somebody come and wait behind those who came before."""

        async def take() -> None:
            async with self.turns.ask(address, early=early):
                self.had.append(name)
                await self._open.wait()

        task = asyncio.create_task(take())
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def begin(self) -> list[str]:
        """Let them all have their turns; return who had one."""
        self._open.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return self.had


async def test_addresses_take_turns() -> None:
    line = Line(Turns())
    for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        await line.wait(name, name[0])
    assert line.had == ["a1"]
    assert await line.begin() == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


async def test_who_is_early_comes_first() -> None:
    line = Line(Turns())
    for name, early in (("first", False), ("late", False), ("later", False), ("early", True)):
        await line.wait(name, "a", early=early)
    assert await line.begin() == ["first", "early", "late", "later"]


async def test_too_many_at_one_address_are_refused_and_another_address_is_not() -> None:
    line = Line(Turns())
    for number in range(int(ALONE.each) + 1):
        await line.wait(f"{number}", "a", early=number % 2 == 0)
    with pytest.raises(TooFast) as refused:
        line.turns.ask("a")
    assert refused.value.detail == {"retry_after": 1.0}
    await line.wait("b", "b")
    assert len(await line.begin()) == int(ALONE.each) + 2


async def test_too_many_in_all_are_refused() -> None:
    line = Line(Turns(ALONE._replace(in_all=3)))
    for address in "abcd":
        await line.wait(address, address)
    refused = await line.wait("e", "e")
    assert isinstance(refused.exception(), TooFast)
    assert len(await line.begin()) == 4


async def test_who_gives_up_waiting_leaves_their_turn_to_the_next() -> None:
    line = Line(Turns())
    await line.wait("a", "a")
    waiting = await line.wait("b", "b")
    chosen = await line.wait("c", "c")
    await line.wait("d", "d")
    waiting.cancel()
    await asyncio.sleep(0)
    line._open.set()
    while "a" not in line.had or not line.tasks[0].done():
        await asyncio.sleep(0)
    chosen.cancel()  # it has its turn, or is about to
    had = await line.begin()
    assert had[0] == "a" and had[-1] == "d" and "b" not in had
    async with asyncio.timeout(1), line.turns.ask("e"):
        pass


async def test_who_waits_when_it_is_closed_does_not_wait_any_longer() -> None:
    line = Line(Turns())
    await line.wait("a", "a")
    waiting = [await line.wait("b", "b"), await line.wait("c", "c", early=False)]
    line.turns.close()
    assert await line.begin() == ["a"]
    assert [type(one.exception()) for one in waiting] == [NotHere] * 2


def test_two_visitors_have_a_turn_at_once_and_each_only_one() -> None:
    turns = Turns(READING)
    first, again, second, third = (turns.ask(ONE, visitor) for visitor in (1, 1, 2, 3))
    assert granted(first, again, second, third) == [True, False, True, False]
    turns.over(second)
    assert granted(again, third) == [False, True]  # the first visitor has one
    turns.over(first)
    assert granted(again) == [True]


def test_turns_go_round_the_addresses_and_there_round_the_visitors() -> None:
    turns = Turns(READING._replace(at_once=1))
    now = turns.ask(ONE, 0)
    asked = {
        name: turns.ask(MACHINE if name[0] == "m" else OTHER, int(name[1]))
        for name in ("m1a", "m1b", "m1c", "m2a", "m3a", "o4a", "o4b")
    }
    order = []
    while asked:
        turns.over(now)
        [name] = [name for name, turn in asked.items() if turn.granted.done()]
        order.append(name)
        now = asked.pop(name)
    assert order == ["m1a", "o4a", "m2a", "o4b", "m3a", "m1b", "m1c"]


def test_a_visitor_may_wait_for_a_few_turns() -> None:
    turns = Turns(READING)
    asked = [turns.ask(ONE, 1) for _ in range(1 + int(READING.each))]
    with pytest.raises(TooFast) as refusal:
        turns.ask(ONE, 1)
    assert refusal.value.detail == {"retry_after": 1}
    turns.over(asked[0])
    turns.ask(ONE, 1)


def test_when_the_queue_is_full_those_at_the_address_with_the_most_give_way() -> None:
    turns = Turns(READING._replace(at_once=1, in_all=10))
    now = turns.ask(ONE, 0)
    machine = [turns.ask(MACHINE, visitor) for visitor in (1, 2, 3, 4, 5, 6, 7, 8, 9, 9)]
    with pytest.raises(TooFast):
        turns.ask(MACHINE, 10)
    others = [turns.ask(OTHER, visitor) for visitor in range(20, 25)]
    assert [refused(turn) for turn in machine].count(True) == 5
    assert refused(machine[-1]) and not refused(machine[0])  # first of those who wait for several
    with pytest.raises(TooFast):
        turns.ask(OTHER, 30)  # it has as many by now
    turns.over(now)
    assert granted(machine[0], *others) == [True] + [False] * 5
    turns.over(machine[0])
    assert granted(*others) == [True] + [False] * 4


def test_who_leaves_does_not_wait_and_the_queue_forgets_them() -> None:
    turns = Turns(READING._replace(at_once=1, in_all=1))
    now, waits = turns.ask(ONE, 1), turns.ask(ONE, 2)
    waits.leave()
    assert isinstance(waits.granted.exception(), NotHere)
    later = turns.ask(OTHER, 3)
    now.leave()
    assert now.left and granted(later) == [False]  # what is being done is not over yet
    turns.over(now)
    turns.over(now)
    assert granted(later) == [True]


async def test_a_turn_is_over_at_the_end_of_its_block_also_when_waiting_is_cancelled() -> None:
    turns = Turns(READING._replace(at_once=1))
    done: list[int] = []

    async def read(visitor: int) -> None:
        async with turns.ask(ONE, visitor):
            await asyncio.sleep(0)
            done.append(visitor)

    tasks = [asyncio.create_task(read(visitor)) for visitor in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == [0, 2, 3]
    assert granted(turns.ask(ONE, 9)) == [True]
