"""What is made once for many readers, and seldom enough."""

import asyncio
import time

import pytest

from handlers.made import SHARE, Made

MAKING_S = 0.01


class State:
    """Something that changes; `made` is what was made of it, and when each making began and ended."""

    def __init__(self) -> None:
        self.version = 0
        self.made: list[tuple[str, int]] = []
        self.times: list[tuple[float, float]] = []
        self.broken = False
        self.of = Made(self._make, lambda: self.version)

    def _make(self, kind: str) -> tuple[str, int]:
        began = time.perf_counter()
        time.sleep(MAKING_S)  # the work: it occupies the loop
        if self.broken:
            raise RuntimeError("broken")
        self.made.append((kind, self.version))
        self.times.append((began, time.perf_counter()))
        return self.made[-1]


async def test_what_did_not_change_is_made_once_for_all() -> None:
    state = State()
    assert await asyncio.gather(*(state.of.get("ko") for _ in range(10))) == [("ko", 0)] * 10
    assert await state.of.get("ko") == ("ko", 0)
    assert state.made == [("ko", 0)]


async def test_each_kind_is_made_by_itself_and_again_after_a_change() -> None:
    state = State()
    assert [await state.of.get("ko"), await state.of.get("en")] == [("ko", 0), ("en", 0)]
    state.version = 1
    assert list(await asyncio.gather(state.of.get("en"), state.of.get("ko"))) == [("en", 1), ("ko", 1)]
    assert len(state.made) == 4


async def test_nobody_gets_what_is_older_than_their_asking_and_the_makings_leave_time_for_others() -> None:
    state = State()

    async def reads(kind: str) -> None:
        for _ in range(3):
            state.version += 1  # a storm: it changes before each reading
            asked = state.version
            assert (await state.of.get(kind))[1] >= asked

    await asyncio.gather(*(reads(kind) for kind in ("ko", "en") for _ in range(20)))
    assert len(state.made) <= 12  # of 120 readings
    for (began, ended), (next_began, _) in zip(state.times, state.times[1:], strict=False):
        assert next_began - ended >= 0.9 * (ended - began) * (1 / SHARE - 1)


async def test_a_reader_who_leaves_takes_nothing_from_those_who_wait_with_them() -> None:
    state = State()
    await state.of.get("ko")
    state.version = 1
    leaves, stays = (asyncio.create_task(state.of.get("ko")) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == ("ko", 1)
    assert leaves.cancelled()


async def test_a_failure_is_reported_to_all_who_wait_and_tried_again() -> None:
    state = State()
    await state.of.get("ko")
    state.version, state.broken = 1, True
    answers = await asyncio.gather(*(state.of.get(kind) for kind in ("ko", "ko", "en")), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["broken"] * 3
    with pytest.raises(RuntimeError):
        await state.of.get("ko")
    state.broken = False
    assert await state.of.get("ko") == ("ko", 1)
