"""Turns: one at a time, and fair between addresses."""

import asyncio

import pytest

from realtime.chat.turns import WAITING_AT_ADDRESS, Turns
from realtime.errors import TooFast


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
            async with self.turns.turn(address, early=early):
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
    for number in range(WAITING_AT_ADDRESS + 1):
        await line.wait(f"{number}", "a", early=number % 2 == 0)
    with pytest.raises(TooFast) as refused:
        await line.turns._wait("a", line.turns._lines[0])
    assert refused.value.detail == {"retry_after": 1.0}
    await line.wait("b", "b")
    assert len(await line.begin()) == WAITING_AT_ADDRESS + 2


async def test_too_many_in_all_are_refused() -> None:
    line = Line(Turns(in_all=3))
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
    async with asyncio.timeout(1), line.turns.turn("e"):
        pass
