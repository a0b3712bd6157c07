"""What a visitor may do in a time, and everybody behind one address: with a clock of numbers."""

import pytest

from realtime.address import network_of
from realtime.chat.allowances import CHARACTERS, Allowances, Limit
from realtime.errors import TooFast

PEOPLE = 100
REMEMBERED = 2_000  # fewer than in a server, to be quicker
HOME, OTHER = "192.0.2.1", "192.0.2.2"


def server(rate: float = 5, people: float = PEOPLE) -> Allowances:
    return Allowances(rate, people)


def passes(limit: Limit, visitor: int, now: float = 0.0) -> bool:
    try:
        limit.take(visitor, now)
    except TooFast:
        return False
    return True


def rush(server: Allowances, limit: Limit, visitors: range, address: str = HOME, now: float = 0.0) -> int:
    """Let each visitor act once, as a fresh cookie would; return how many may."""
    passed = 0
    for visitor in visitors:
        server.seen(visitor, address, now)
        if passes(limit, visitor, now):
            server.arrive(visitor)
            passed += 1
    return passed


def test_a_class_behind_one_address_meets_no_limit() -> None:
    """Thirty-five newcomers at once do all that one may do at once, as at the beginning of a lesson."""
    allowed = server()
    for visitor in range(1, 36):
        allowed.seen(visitor, HOME, 0.0)
        for limit, times in (
            (allowed.handshakes, 5),
            (allowed.connects, 10),
            (allowed.joins, 5),
            (allowed.messages, 10),
            (allowed.rooms, 3),
            (allowed.uploads, 8),
            (allowed.guesses, 4),
        ):
            assert all(passes(limit, visitor) for _ in range(times)), limit.name
        allowed.upload_bytes.take(visitor, 0.0, 5 * 1024 * 1024)
    assert not allowed.refusals


def test_fresh_cookies_do_not_escape_the_limit_of_their_address() -> None:
    allowed = server()
    assert rush(allowed, allowed.messages, range(1, 10_001)) == 750
    assert allowed.refusals == {("messages", "address"): 9_250}
    assert rush(allowed, allowed.messages, range(10_001, 20_001), now=1.0) == 100
    with pytest.raises(TooFast) as refused:
        allowed.messages.take(1, 1.0)
    assert refused.value.detail["retry_after"] == pytest.approx(0.01)


def test_a_reserve_is_left_to_those_who_were_known_before() -> None:
    allowed = server()
    rush(allowed, allowed.joins, range(1, 4))
    rush(allowed, allowed.messages, range(4, 10_000), now=60.0)
    for number in range(5):
        assert passes(allowed.messages, 1, 60.0 + number)
        assert not passes(allowed.messages, 9_999, 60.0)
    assert rush(allowed, allowed.messages, range(10_000, 11_000), now=660.0) == 750
    assert passes(allowed.messages, 5, 660.0)  # of the rush before, and so known by now


def test_cookies_that_were_collected_before_are_not_known() -> None:
    allowed = server()
    rush(allowed, allowed.joins, range(10_000, 10_003))  # after all the cookies of the rush were given
    assert rush(allowed, allowed.messages, range(1, 10_000), now=60.0) == 750
    assert not passes(allowed.messages, 1, 60.0)
    assert passes(allowed.messages, 10_000, 60.0)


def test_visitors_from_before_a_restart_are_known() -> None:
    allowed = server()
    allowed.start(40)
    rush(allowed, allowed.messages, range(41, 10_000))
    allowed.seen(40, HOME, 0.0)
    assert passes(allowed.messages, 40)
    assert allowed.messages.is_known(40, 0.0) and not allowed.messages.is_known(41, 0.0)


def test_another_address_has_its_own_pool() -> None:
    allowed = server()
    rush(allowed, allowed.messages, range(1, 10_000))
    assert rush(allowed, allowed.messages, range(10_000, 10_035), OTHER) == 35


def test_what_a_visitors_own_limit_refuses_takes_nothing_from_the_address() -> None:
    allowed = server()
    allowed.seen(1, HOME, 0.0)
    assert sum(passes(allowed.messages, 1) for _ in range(10_000)) == 10
    assert allowed.refusals == {("messages", "visitor"): 9_990}
    assert rush(allowed, allowed.messages, range(2, 10_000)) == 740


def test_what_the_address_refuses_takes_nothing_from_the_visitor() -> None:
    allowed = server()
    rush(allowed, allowed.rooms, range(1, 1_000))
    allowed.seen(1_000, HOME, 0.0)
    assert not any(passes(allowed.rooms, 1_000) for _ in range(20))
    assert sum(passes(allowed.rooms, 1_000, 3_600.0) for _ in range(20)) == 10


def test_a_long_text_counts_as_several_messages_for_the_address_only() -> None:
    allowed = server()
    passed = 0
    for visitor in range(1, 1_000):
        allowed.seen(visitor, HOME, 0.0)
        try:
            allowed.messages.take(visitor, 0.0, pooled=2000 / CHARACTERS)
        except TooFast:
            break
        passed += 1
    assert passed == 150


def test_what_is_larger_than_a_pool_passes_when_the_pool_is_full() -> None:
    allowed = server(people=1)
    allowed.seen(1, HOME, 0.0)
    allowed.upload_bytes.take(1, 0.0, 5 * 1024 * 1024)
    with pytest.raises(TooFast):
        allowed.upload_bytes.take(1, 1.0, 5 * 1024 * 1024)


def test_a_rate_of_zero_lifts_everything_and_zero_people_the_addresses() -> None:
    free = server(rate=0)
    assert rush(free, free.messages, range(1, 10_000)) == 9_999
    assert all(passes(free.rooms, 1) for _ in range(1_000))
    alone = server(people=0)
    assert rush(alone, alone.messages, range(1, 10_000)) == 9_999
    assert sum(passes(alone.rooms, 1) for _ in range(1_000)) == 10


def test_an_address_that_has_used_up_everything_goes_on_when_more_people_are_expected() -> None:
    allowed = server()
    limit = allowed.newcomers
    passed = rush(allowed, limit, range(1, 1000))
    assert passed < 999
    allowed.expect(2 * PEOPLE, 0.0)
    assert rush(allowed, limit, range(1000, 3000)) == pytest.approx(passed, abs=1)
    allowed.expect(PEOPLE, 0.0)
    assert rush(allowed, limit, range(3000, 3010)) == 0


def test_who_moves_to_another_address_counts_there() -> None:
    allowed = server()
    rush(allowed, allowed.messages, range(1, 10_000))
    assert not passes(allowed.messages, 9_999)
    allowed.seen(9_999, OTHER, 0.0)
    assert passes(allowed.messages, 9_999)
    assert allowed.address_of(9_999) == OTHER


def test_memory_is_bounded_and_who_was_forgotten_shares_one_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.chat.allowances.REMEMBERED", REMEMBERED)
    allowed = server()
    for visitor in range(1, 5 * REMEMBERED):
        allowed.seen(visitor, f"10.{visitor >> 16}.{visitor >> 8 & 255}.{visitor & 255}", float(visitor))
    assert len(allowed.places) <= REMEMBERED
    assert len(allowed._before) <= REMEMBERED
    assert len(allowed._by_address) <= 2 * REMEMBERED
    for visitor in range(1, 5 * REMEMBERED):
        allowed.arrive(visitor)
    assert len(allowed._arrivals) <= 2 * REMEMBERED
    assert allowed.arrival(5 * REMEMBERED - 1) == allowed.arrived
    forgotten = range(1, REMEMBERED)
    assert {allowed.address_of(visitor) for visitor in forgotten} == {""}
    assert 740 < sum(passes(allowed.messages, visitor, 1e6) for visitor in forgotten) <= 750


def test_who_is_active_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.chat.allowances.REMEMBERED", REMEMBERED)
    allowed = server()
    allowed.seen(1, HOME, 0.0)
    for visitor in range(2, 5 * REMEMBERED):
        allowed.seen(visitor, OTHER, 0.0)
        if visitor % (REMEMBERED // 4) == 0:
            allowed.messages.take(1, float(visitor))
    assert allowed.address_of(1) == HOME


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_machine_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
