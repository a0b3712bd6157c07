"""The event loop as a clock, on every kind of loop."""

import asyncio

import pytest

from gifchat import event_loop
from realtime.clock import LoopClock

pytestmark = pytest.mark.usefixtures("io_loop")


@pytest.fixture(params=[event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
def asyncio_loop(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoop:
    """Return a new loop: the kind the server uses here, and the fallback for systems without it."""
    loop: asyncio.AbstractEventLoop = request.param()
    return loop


@pytest.mark.parametrize("delay_s", [-1.0, 0.0, 0.0001, 0.0123456, 60.0])
async def test_a_timer_keeps_its_time_even_when_it_is_due_at_once(delay_s: float) -> None:
    clock = LoopClock()
    when = clock.time() + delay_s
    timer = clock.call_at(when, lambda: None)
    assert timer.when() == when
    timer.cancel()


async def test_a_cancelled_timer_does_not_fire() -> None:
    clock = LoopClock()
    happened: list[str] = []
    for name, delay_s in (("at once", 0.0), ("later", 0.001)):
        clock.call_at(clock.time() + delay_s, lambda: happened.append("cancelled")).cancel()
        clock.call_at(clock.time() + delay_s, lambda name=name: happened.append(name))  # type: ignore[misc]
    await asyncio.sleep(0.01)
    assert sorted(happened) == ["at once", "later"]
