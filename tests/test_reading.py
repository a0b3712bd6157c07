"""Readings at reading: few at once, and a queue that is fair to visitors and addresses."""

import asyncio

import pytest

from realtime.chat.reading import WAITING_EACH, Reading, Readings
from realtime.errors import NotHere, TooFast

ONE, OTHER, MACHINE = "10.0.0.1", "10.0.0.2", "10.0.0.66"


def granted(*turns: Reading) -> list[bool]:
    return [turn.granted.done() and turn.granted.exception() is None for turn in turns]


def refused(turn: Reading) -> bool:
    return turn.granted.done() and isinstance(turn.granted.exception(), TooFast)


def test_two_visitors_have_a_turn_at_once_and_each_only_one() -> None:
    turns = Readings()
    first, again, second, third = (turns.ask(visitor, ONE) for visitor in (1, 1, 2, 3))
    assert granted(first, again, second, third) == [True, False, True, False]
    turns.over(second)
    assert granted(again, third) == [False, True]  # the first visitor has one
    turns.over(first)
    assert granted(again) == [True]


def test_turns_go_round_the_addresses_and_there_round_the_visitors() -> None:
    turns = Readings(at_once=1)
    now = turns.ask(0, ONE)
    asked = {
        name: turns.ask(int(name[1]), MACHINE if name[0] == "m" else OTHER)
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
    turns = Readings()
    asked = [turns.ask(1, ONE) for _ in range(1 + WAITING_EACH)]
    with pytest.raises(TooFast) as refusal:
        turns.ask(1, ONE)
    assert refusal.value.detail == {"retry_after": 1}
    turns.over(asked[0])
    turns.ask(1, ONE)


def test_when_the_queue_is_full_those_at_the_address_with_the_most_give_way() -> None:
    turns = Readings(at_once=1, waiting=10)
    now = turns.ask(0, ONE)
    machine = [turns.ask(visitor, MACHINE) for visitor in (1, 2, 3, 4, 5, 6, 7, 8, 9, 9)]
    with pytest.raises(TooFast):
        turns.ask(10, MACHINE)
    others = [turns.ask(visitor, OTHER) for visitor in range(20, 25)]
    assert [refused(turn) for turn in machine].count(True) == 5
    assert refused(machine[-1]) and not refused(machine[0])  # first of those who wait for several
    with pytest.raises(TooFast):
        turns.ask(30, OTHER)  # it has as many by now
    turns.over(now)
    assert granted(machine[0], *others) == [True] + [False] * 5
    turns.over(machine[0])
    assert granted(*others) == [True] + [False] * 4


def test_who_leaves_does_not_wait_and_the_queue_forgets_them() -> None:
    turns = Readings(at_once=1, waiting=1)
    now, waits = turns.ask(1, ONE), turns.ask(2, ONE)
    waits.leave()
    assert isinstance(waits.granted.exception(), NotHere)
    later = turns.ask(3, OTHER)
    now.leave()
    assert now.left and granted(later) == [False]  # what is being done is not over yet
    turns.over(now)
    turns.over(now)
    assert granted(later) == [True]


async def test_a_turn_is_over_at_the_end_of_its_block_also_when_waiting_is_cancelled() -> None:
    turns = Readings(at_once=1)
    done: list[int] = []

    async def read(visitor: int) -> None:
        async with turns.ask(visitor, ONE):
            await asyncio.sleep(0)
            done.append(visitor)

    tasks = [asyncio.create_task(read(visitor)) for visitor in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert done == [0, 2, 3]
    assert granted(turns.ask(9, ONE)) == [True]
