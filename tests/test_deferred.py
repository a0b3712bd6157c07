"""Deferred: a future whose callbacks run at once."""

import asyncio
from collections.abc import Awaitable

import pytest

from realtime.deferred import Deferred, failed
from tests.conftest import ExpectLog


def test_callbacks_are_called_at_once_and_in_order() -> None:
    deferred: Deferred[str] = Deferred()
    results: list[tuple[int, str]] = []
    for number in range(3):
        deferred.add_done_callback(lambda settled, number=number: results.append((number, settled.result())))  # type: ignore[misc]
    assert not deferred.done()
    deferred.set_result("now")
    assert deferred.done()
    assert results == [(0, "now"), (1, "now"), (2, "now")]


def test_a_deferred_is_settled_only_once() -> None:
    deferred: Deferred[str] = Deferred()
    deferred.set_result("first")
    with pytest.raises(AssertionError):
        deferred.set_exception(ValueError())
    assert deferred.result() == "first"


async def test_a_callback_added_after_settling_is_called_in_the_next_turn() -> None:
    deferred: Deferred[str] = Deferred()
    deferred.set_result("before")
    results: list[str] = []
    deferred.add_done_callback(lambda settled: results.append(settled.result()))
    assert results == []
    await asyncio.sleep(0)
    assert results == ["before"]


async def test_a_deferred_can_be_awaited_before_and_after_it_is_settled() -> None:
    deferred: Deferred[str] = Deferred()
    waiting = [asyncio.ensure_future(deferred) for _ in range(2)]
    await asyncio.sleep(0)
    deferred.set_result("settled")
    assert await asyncio.gather(*waiting) == ["settled", "settled"]
    assert await deferred == "settled"


async def test_an_exception_is_raised_in_every_waiter() -> None:
    deferred: Deferred[str] = Deferred()
    waiting = [asyncio.ensure_future(deferred) for _ in range(2)]
    await asyncio.sleep(0)
    deferred.set_exception(KeyError("gone"))
    results: list[Awaitable[str]] = [*waiting, deferred, failed(KeyError("gone"))]
    for one in results:
        with pytest.raises(KeyError):
            await one
    assert isinstance(deferred.exception(), KeyError)


async def test_a_cancelled_waiter_does_not_disturb_the_others() -> None:
    deferred: Deferred[str] = Deferred()
    impatient, patient = asyncio.ensure_future(deferred), asyncio.ensure_future(deferred)
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    deferred.set_result("after all")
    assert await patient == "after all"
    assert impatient.cancelled()


def test_a_failing_callback_is_logged_and_the_others_are_still_called(expect_log: ExpectLog) -> None:
    expect_log("realtime.deferred", "a callback failed")
    deferred: Deferred[int] = Deferred()
    results: list[int] = []
    deferred.add_done_callback(lambda settled: 1 // settled.result())
    deferred.add_done_callback(lambda settled: results.append(settled.result()))
    deferred.set_result(0)
    assert results == [0]
