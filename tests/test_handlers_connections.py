"""Which connections go when there are too many."""

from dataclasses import dataclass
from typing import cast

import pytest

from handlers.connections import Accepted, Connections, Standing, idlest
from realtime.engineio.buffers import Buffers
from realtime.engineio.session import Session
from tests.conftest import ExpectLog
from tests.doubles import ManualClock


@dataclass
class Owner:
    """Reads nothing; remembers whether it was turned away."""

    busy: bool = False
    session: Session | None = None
    gone: str = ""

    def turn_away(self, cause: str) -> None:
        self.gone = cause

    def measure(self) -> None:
        pass


class Crowd:
    """Connections that nobody reads."""

    def __init__(self, most: float, *, shares: bool = True) -> None:
        self.connections = Connections(Buffers(clock=ManualClock()), most, shares=shares)
        self.at = 0.0

    def come(self, address: str, standing: Standing = Standing.IDLE) -> "Known | None":
        """Return the new connection, None if it is refused."""
        if not self.connections.admit(address):
            return None
        accepted = Known(self.connections, address)
        accepted.known = standing
        accepted.owner = Owner()
        self.connections.count(accepted)
        self.at += 1
        accepted.active_at = self.at
        return accepted

    def many(self, number: int, address: str, standing: Standing = Standing.IDLE) -> "list[Known]":
        found = [self.come(address, standing) for _ in range(number)]
        assert None not in found
        return cast("list[Known]", found)


class Known(Accepted):
    """A connection of which the test says what it is used for."""

    known = Standing.IDLE

    @property
    def standing(self) -> Standing:
        return self.known

    @property
    def gone(self) -> bool:
        return self.owner is None


def left(*groups: list[Known]) -> list[int]:
    return [sum(not one.gone for one in group) for group in groups]


@pytest.fixture
def crowded(expect_log: ExpectLog) -> None:
    expect_log("gifchat", "too many connections")


def test_what_asks_for_nothing_goes_first_and_of_that_what_is_idle_longest() -> None:
    crowd = Crowd(100)
    member = crowd.come("a", Standing.MEMBER)
    first, session, busy, last = (
        crowd.come("a", kind) for kind in (Standing.IDLE, Standing.SESSION, Standing.BUSY, Standing.IDLE)
    )
    all_of_them = [one for one in (member, first, session, busy, last) if one is not None]
    order = []
    while going := idlest(all_of_them, 1, members=True):
        order += going
        all_of_them.remove(cast(Known, going[0]))
    assert order == [first, last, busy, session, member]
    assert len(idlest([one for one in order if one is not member], 9, members=False)) == 2
    assert idlest([cast(Known, member)], 1, members=False) == []


@pytest.mark.usefixtures("crowded")
async def test_one_address_that_takes_all_makes_room_for_others() -> None:
    crowd = Crowd(20)
    flood = crowd.many(15, "flood")
    friends = crowd.many(5, "friend")
    assert left(flood, friends) == [15, 5]
    friends += crowd.many(5, "friend")
    assert left(flood, friends) == [10, 10]
    assert [one.gone for one in flood] == [True] * 5 + [False] * 10


@pytest.mark.usefixtures("crowded")
async def test_one_address_alone_does_not_get_the_reserve() -> None:
    crowd = Crowd(20)
    flood = crowd.many(300, "flood")
    assert left(flood) == [15]
    assert [one.gone for one in flood] == [True] * 285 + [False] * 15
    assert len(crowd.connections) == 15


@pytest.mark.usefixtures("crowded")
async def test_members_go_only_for_others_and_if_their_address_has_more_than_its_part() -> None:
    crowd = Crowd(20)
    hoard = crowd.many(15, "hoard", Standing.MEMBER)
    assert crowd.come("hoard") is None
    crowd.many(5, "class", Standing.MEMBER)
    assert crowd.come("hoard") is None
    newcomers = crowd.many(5, "class", Standing.MEMBER)
    assert left(hoard, newcomers) == [10, 5]
    assert crowd.come("class") is None
    assert crowd.connections.closed == {"crowded": 5, "refused": 3}


@pytest.mark.usefixtures("crowded")
async def test_those_of_a_small_address_stay_whoever_comes() -> None:
    crowd = Crowd(200)
    inside = crowd.many(3, "pupil", Standing.MEMBER) + crowd.many(2, "pupil", Standing.IDLE)
    for number in range(1000):
        crowd.come("one")
        crowd.come(f"other {number % 3}", Standing.MEMBER)
    assert left(inside) == [5]
    assert crowd.come("newcomer") is not None


def test_a_class_behind_one_address_is_not_noticed() -> None:
    """35 people with six connections of a browser and a WebSocket, at the lowest usual limit of open files."""
    crowd = Crowd(1024 - 100)
    people = crowd.many(35 * 6, "router") + crowd.many(35, "router", Standing.MEMBER)
    assert left(people) == [245]
    assert not crowd.connections.closed


@pytest.mark.usefixtures("crowded")
async def test_without_shares_only_the_total_counts() -> None:
    crowd = Crowd(20, shares=False)
    bench = crowd.many(20, "bench", Standing.MEMBER)
    assert left(bench) == [20]
    assert crowd.come("bench") is None
    assert crowd.come("friend") is not None


@pytest.mark.usefixtures("crowded")
async def test_a_lack_of_descriptors_is_like_a_lack_of_room() -> None:
    crowd = Crowd(100)
    assert not crowd.connections.admit("nobody", out_of_files=True)
    idle = crowd.many(3, "a")
    assert crowd.connections.admit("b", out_of_files=True)
    assert left(idle) == [2]
