"""Budgets, and whose turn it is, on a clock and a processor of the test's own."""

import asyncio

import pytest

from realtime.engineio.budget import LIGHT, MOST_OWED, SPARE, Intake, Level, Rate, Rates
from realtime.engineio.slices import BUSY, GAP_S, MAX_GAP_S, SLICE_S, STEP_S, TURN_S, Slices
from tests.doubles import ManualClock

RATES = Rates(Rate(10, 100), Rate(1, 10), Rate(1, 5))


class Machine:
    """A processor whose time only work takes, and the turns of a loop on it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.used_s = 0.0
        self.slices = Slices(self.clock, lambda: self.used_s)
        self.done: list[str] = []


class Sender:
    """A worker with a number of things to do, each of which takes so long."""

    def __init__(self, machine: Machine, name: str, things: int, each_s: float) -> None:
        self.level = Level()
        self.blocked = False
        self.held = False
        self.things = things
        self._machine = machine
        self._name = name
        self._each_s = each_s

    def work(self, until: float) -> tuple[bool, float]:
        while self.things:
            self.things -= 1
            self._machine.done.append(self._name)
            self._machine.used_s += self._each_s
            if self._machine.used_s >= until:
                break
        return self.things > 0, 0.0

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False


@pytest.fixture
def machine() -> Machine:
    """Return a machine whose spare time is used up."""
    machine = Machine()
    machine.slices.offer(Sender(machine, "first", 1, SPARE.at_once * MOST_OWED))
    machine.done.clear()
    machine.used_s = 0.0
    return machine


def heavy(machine: Machine, name: str, things: int, each_s: float = 0.0001) -> Sender:
    """Return a sender who has used up their own time, too."""
    sender = Sender(machine, name, things, each_s)
    sender.level.left(machine.clock.time(), LIGHT)
    sender.level.add(LIGHT.at_once * MOST_OWED)
    return sender


def test_a_level_sinks_with_time_and_not_below_nothing() -> None:
    level, rate = Level(), Rate(2, 10)
    level.add(8)
    assert level.left(0, rate) == 2
    assert level.left(3, rate) == 8
    assert level.left(100, rate) == 10


def test_who_used_far_too_much_waits_for_a_bounded_time() -> None:
    level, rate = Level(), Rate(2, 10)
    level.add(1_000_000)
    assert level.left(0, rate) <= 0
    assert level.left(MOST_OWED * 5, rate) == 10


@pytest.mark.parametrize(
    ("size_bytes", "frames", "packets", "exceeded"),
    [(100, 10, 5, ""), (101, 0, 0, "bytes"), (0, 11, 0, "frames"), (0, 0, 6, "packets")],
)
def test_each_rate_is_exceeded_by_more_than_may_come_at_once(
    size_bytes: int, frames: int, packets: int, exceeded: str
) -> None:
    assert Intake().add(1_000, RATES, size_bytes, frames, packets) == exceeded


def test_a_rate_that_is_kept_for_long_is_not_exceeded() -> None:
    intake = Intake()
    assert {intake.add(second, RATES, 10, 1, 1) for second in range(1_000)} == {""}
    assert intake.add(1_000, RATES, 0, 0, 6) == "packets"


def test_a_burst_on_an_idle_server_is_handled_at_once() -> None:
    machine = Machine()
    burst = Sender(machine, "burst", 32, 0.00005)
    machine.slices.offer(burst)
    assert (burst.things, burst.held) == (0, False)


def test_what_is_more_than_a_slice_waits_and_reading_pauses(machine: Machine) -> None:
    sender = Sender(machine, "a", 100, 0.0001)
    machine.slices.offer(sender)
    assert sender.held
    assert machine.used_s <= LIGHT.at_once + 0.0001
    machine.clock.advance(1)
    assert (sender.things, sender.held, len(machine.slices)) == (0, False, 0)


def test_who_sends_little_is_handled_before_all_those_who_wait(machine: Machine) -> None:
    for number in range(50):
        machine.slices.offer(heavy(machine, str(number), 100))
    assert machine.done == []
    machine.slices.offer(Sender(machine, "bystander", 1, 0.0001))
    assert machine.done == ["bystander"]


def test_those_who_wait_take_slices(machine: Machine) -> None:
    for name in "abc":
        machine.slices.offer(heavy(machine, name, 100, TURN_S))
    machine.clock.advance(GAP_S * 9)
    assert machine.done == list("abcabcabc")


def test_who_is_only_a_little_over_is_handled_before_those_who_are_far(machine: Machine) -> None:
    for number in range(50):
        machine.slices.offer(heavy(machine, str(number), 100))
    busy = Sender(machine, "busy", 5, LIGHT.at_once / 4)
    machine.slices.offer(busy)
    assert (busy.things, busy.held) == (1, True)
    machine.clock.advance(GAP_S)
    assert busy.things == 0


def test_those_who_wait_share_one_slice_in_a_turn_however_many_they_are(machine: Machine) -> None:
    for number in range(50):
        machine.slices.offer(heavy(machine, str(number), 100))
    machine.clock.advance(GAP_S)
    assert 0 < machine.used_s <= TURN_S + 0.0001
    machine.clock.advance(GAP_S * 9)
    assert machine.used_s <= 10 * (TURN_S + 0.0001)


def test_a_turn_with_much_to_do_afterwards_is_followed_by_a_longer_pause(machine: Machine) -> None:
    machine.slices.offer(heavy(machine, "a", 100, TURN_S))
    machine.clock.advance(GAP_S)
    machine.used_s += 0.003  # as a message to everybody in a large room
    machine.clock.advance(GAP_S)
    assert machine.done == ["a", "a"]
    machine.clock.advance(0.003 * BUSY - GAP_S)
    assert machine.done == ["a", "a"]
    machine.clock.advance(GAP_S)
    assert machine.done == ["a", "a", "a"]
    machine.used_s += 60
    machine.clock.advance(GAP_S)
    assert len(machine.done) == 4
    machine.clock.advance(MAX_GAP_S)
    assert len(machine.done) == 5


def test_what_is_charged_outside_of_slices_is_not_to_be_had_again() -> None:
    machine = Machine()
    sender = Sender(machine, "sender", 1, 0.0001)
    machine.slices.charge(sender.level, LIGHT.at_once + SPARE.at_once + 0.001)
    machine.slices.offer(sender)
    assert sender.held
    assert not machine.done


def test_while_somebody_waits_there_is_no_spare_time() -> None:
    machine = Machine()
    machine.slices.offer(Sender(machine, "a", 1_000, 0.0001))
    assert machine.used_s == pytest.approx(SLICE_S, abs=0.0002)
    another = heavy(machine, "b", 1)
    machine.slices.offer(another)
    assert another.things == 1


def test_who_waits_for_something_else_gets_no_turn_until_then(machine: Machine) -> None:
    sender = heavy(machine, "a", 1)
    sender.blocked = True
    machine.slices.offer(sender)
    machine.clock.advance(1)
    assert (machine.done, sender.held) == ([], True)
    sender.blocked = False
    machine.clock.advance(GAP_S)
    assert (machine.done, sender.held) == (["a"], False)


def test_nobody_waits_for_a_connection_that_is_over(machine: Machine) -> None:
    sender = heavy(machine, "a", 1)
    machine.slices.offer(sender)
    machine.slices.forget(sender)
    machine.clock.advance(1)
    assert (machine.done, len(machine.slices), machine.clock.armed) == ([], 0, 0)


async def test_what_takes_more_than_a_turn_is_begun_in_turn(machine: Machine) -> None:
    level = Level()
    while level.left(0, LIGHT) > 0:
        await machine.slices.step(level)
    steps = [asyncio.ensure_future(machine.slices.step(level)) for _ in range(10)]
    await asyncio.sleep(0)
    assert len(machine.slices) == 10
    machine.clock.advance(GAP_S)
    assert 10 - len(machine.slices) == round(TURN_S / STEP_S)
    machine.clock.advance(1)
    await asyncio.gather(*steps)


def test_a_worker_with_a_bug_keeps_nobody_else_waiting(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = heavy(machine, "broken", 1), heavy(machine, "other", 1)
    machine.slices.offer(broken)
    machine.slices.offer(other)

    def fail(until: float) -> tuple[bool, float]:
        raise ZeroDivisionError

    monkeypatch.setattr(broken, "work", fail)
    with pytest.raises(ZeroDivisionError):
        machine.clock.advance(GAP_S)
    machine.clock.advance(MAX_GAP_S)
    assert machine.done == ["other"]
