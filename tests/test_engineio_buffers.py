"""What may be kept in memory for peers, on a clock of the test's own."""

import logging

import pytest

from realtime.engineio.buffers import (
    CONNECTION_BYTES,
    FRAME_S,
    MIB,
    PROGRESS_BYTES,
    UNREAD_S,
    Account,
    Buffers,
    Cause,
    Part,
)
from realtime.engineio.packet import Frames
from tests.conftest import ExpectLog
from tests.doubles import ManualClock
from tests.sessions import World


class Ended(Account):
    """An account that remembers why it was ended."""

    def __init__(self, buffers: Buffers, address: str = "10.0.0.1") -> None:
        super().__init__(buffers, address)
        self.causes: list[Cause] = []

    def end(self, cause: Cause) -> None:
        self.causes.append(cause)


class Bank:
    """Buffers on a manual clock."""

    def __init__(self, most_bytes: int = 8 * MIB) -> None:
        self.clock = ManualClock()
        self.buffers = Buffers(most_bytes, self.clock)

    def account(self, address: str = "10.0.0.1") -> Ended:
        return Ended(self.buffers, address)


def test_the_sum_follows_what_each_part_states() -> None:
    bank = Bank()
    one, other = bank.account(), bank.account()
    one.hold(Part.FRAME, 10)
    one.hold(Part.WAITING, 5)
    other.hold(Part.QUEUED, 100)
    one.hold(Part.FRAME, 3)
    assert (one.held_bytes, bank.buffers.held_bytes, len(bank.buffers)) == (8, 108, 2)
    one.hold(Part.FRAME, 0)
    one.hold(Part.WAITING, 0)
    assert (bank.buffers.held_bytes, len(bank.buffers)) == (100, 1)
    other.close()
    other.hold(Part.QUEUED, 7)  # what is stated after the end
    assert (bank.buffers.held_bytes, len(bank.buffers)) == (0, 0)


def test_all_parts_of_a_connection_share_its_bound() -> None:
    account = Bank().account()
    assert account.hold(Part.FRAME, CONNECTION_BYTES // 2)
    assert account.hold(Part.WAITING, CONNECTION_BYTES // 2)
    assert not account.hold(Part.UNREAD, 1)
    assert account.hold(Part.UNREAD, 0)


def test_a_connection_takes_over_what_its_session_held() -> None:
    bank = Bank()
    polling, websocket = bank.account(), bank.account()
    polling.hold(Part.WAITING, 5)
    websocket.hold(Part.FRAME, 2)
    websocket.move(polling)
    assert (websocket[Part.WAITING], websocket.held_bytes, bank.buffers.held_bytes) == (5, 7, 7)


def test_at_the_servers_bound_those_go_who_kept_most_for_longest(expect_log: ExpectLog) -> None:
    """A large message that has just come, and what a phone missed in a moment, stay."""
    expect_log("gifchat", "closing a connection of 10.0.0.1, for which 1024 KiB were kept: all connections")
    bank = Bank()
    hoarders = [bank.account() for _ in range(6)]
    for one in hoarders:
        one.hold(Part.FRAME, MIB)
    bank.clock.advance(10)
    phone, sender = bank.account("10.0.0.2"), bank.account("10.0.0.3")
    phone.hold(Part.UNREAD, MIB // 2)
    bank.clock.advance(1)
    sender.hold(Part.FRAME, MIB)
    bank.clock.turn()
    assert [len(one.causes) for one in hoarders] == [1, 1, 0, 0, 0, 0]
    assert not phone.causes + sender.causes
    assert bank.buffers.held_bytes <= 6 * MIB
    assert bank.buffers.ended == {Cause.FULL: 2}


def test_many_small_accounts_of_one_address_go_before_a_large_one_of_another(expect_log: ExpectLog) -> None:
    expect_log("gifchat", "closing a connection of 10.0.0.1")
    bank = Bank()
    lone = bank.account("10.0.0.2")
    lone.hold(Part.UNREAD, MIB)
    many = [bank.account() for _ in range(63)]
    for one in many:
        one.hold(Part.FRAME, MIB // 8)
        bank.clock.advance(0.01)
    bank.clock.turn()
    assert not lone.causes
    assert many[0].causes == [Cause.FULL]


def test_closings_for_one_cause_are_logged_once(expect_log: ExpectLog, caplog: pytest.LogCaptureFixture) -> None:
    expect_log("gifchat", "all connections together")
    caplog.set_level(logging.WARNING, "gifchat")
    bank = Bank()
    for _ in range(3):
        for one in [bank.account() for _ in range(4)]:
            one.hold(Part.FRAME, 2 * MIB)
        bank.clock.turn()
    assert bank.buffers.ended[Cause.FULL] > 3
    assert len(caplog.messages) == 1


def test_a_message_must_come_to_its_end(expect_log: ExpectLog) -> None:
    expect_log("gifchat", "its message did not come to an end")
    bank = Bank()
    half, busy = bank.account(), bank.account()
    half.hold(Part.FRAME, 1)
    for _ in range(2 * int(FRAME_S)):
        busy.hold(Part.FRAME, 0)  # one ends, and the next begins
        busy.hold(Part.FRAME, 1000)
        bank.clock.advance(1)
        half.hold(Part.FRAME, half[Part.FRAME] + 1)
        bank.buffers.look()
    assert (half.causes, busy.causes) == ([Cause.FRAME], [])


def test_who_takes_nothing_is_ended_and_who_takes_slowly_is_not(expect_log: ExpectLog) -> None:
    expect_log("gifchat", "it does not read")
    bank = Bank()
    stuck, slow, trickle, sleeping = (bank.account() for _ in range(4))
    for second in range(int(UNREAD_S) + 1):
        stuck.unread(50_000, 0)
        slow.unread(50_000, second * (PROGRESS_BYTES // 20))  # and as much is added
        trickle.unread(50_000, second)
        sleeping.unread(50_000 if second < 20 else 0, 0)
        bank.buffers.look()
        bank.clock.advance(1)
    assert [one.causes for one in (stuck, slow, trickle, sleeping)] == [[Cause.UNREAD], [], [Cause.UNREAD], []]


# A session's queue.


def test_packets_wait_in_the_sessions_account_until_they_are_polled() -> None:
    world = World()
    buffers = world.server.buffers
    world.say("x" * 1000)
    world.say("y" * 1000)
    held_bytes = len(Frames.message(b"x" * 1000).wire) * 2
    assert buffers.held_bytes == held_bytes
    world.poll()
    assert buffers.held_bytes == 0
    world.say("z" * 1000)
    world.upgrade()
    assert buffers.held_bytes == 0


def test_a_session_ends_with_its_account() -> None:
    world = World()
    world.say("x" * 1000)
    world.session.account.end(Cause.FULL)
    assert world.inbox.reasons == ["transport error"]
    assert world.server.buffers.held_bytes == 0
