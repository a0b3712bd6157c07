"""Places in a room: one per visitor, held for a while after a loss, never more than the limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.chat.occupancy import Occupancy
from realtime.errors import RoomFull


def test_a_second_tab_takes_no_second_place() -> None:
    room = Occupancy(2, vacant_until=60)
    assert room.enter(1, "a")
    assert not room.enter(1, "b")
    assert len(room) == 1
    assert room.sids(1) == {"a", "b"}


def test_the_limit_counts_visitors_not_sockets() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    room.enter(2, "b")
    with pytest.raises(RoomFull):
        room.enter(3, "c")
    room.enter(2, "d")
    assert room.visitors == [1, 2]


def test_a_lost_sockets_place_is_held_and_reused_on_return() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    room.drop(1, "a", until=12)
    assert len(room) == 1
    assert room.vacant_until == 12
    assert not room.enter(1, "b")
    assert room.vacant_until is None
    assert list(room.expire(100)) == []


def test_a_held_place_and_its_room_expire_together() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    room.drop(1, "a", until=12)
    assert list(room.expire(11.9)) == []
    assert room.next_deadline() == room.over_at() == 12
    assert list(room.expire(12)) == [(1, False)]
    assert len(room) == 0


def test_leaving_frees_the_place_at_once_but_keeps_the_room_for_a_while() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    assert room.leave(1, "a", until=12)
    assert len(room) == 0
    assert room.vacant_until == 12


def test_closing_one_of_two_tabs_keeps_the_place() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    room.enter(1, "b")
    assert not room.leave(1, "a", until=12)
    assert room.vacant_until is None
    assert not room.leave(1, "a", until=12)  # leaving twice counts once


def test_a_room_is_vacant_once_its_last_socket_is_gone() -> None:
    room = Occupancy(3, vacant_until=60)
    room.enter(1, "a")
    room.enter(2, "b")
    room.drop(1, "a", until=10)
    assert room.vacant_until is None
    room.leave(2, "b", until=11)
    assert room.vacant_until == 11
    assert room.next_deadline() == 10


def test_releasing_a_visitor_removes_all_their_tabs() -> None:
    room = Occupancy(3, vacant_until=60)
    room.enter(1, "a")
    room.enter(1, "b")
    assert room.release(1, until=5)
    assert not room.release(1, until=6)
    assert room.vacant_until == 5


def test_the_room_lingers_for_a_lost_visitor_once_the_place_expires() -> None:
    room = Occupancy(2, vacant_until=60)
    room.enter(1, "a")
    room.drop(1, "a", until=12, lingers_until=100)
    assert (room.next_deadline(), room.over_at()) == (12, 100)
    assert list(room.expire(12)) == [(1, True)]
    assert (len(room), room.lingers_until(1)) == (0, 100)
    assert (room.next_deadline(), room.over_at()) == (100, 100)
    assert (room.end_lingering(99), room.end_lingering(100)) == ([], [1])
    assert room.lingers_until(1) is None
    assert room.over_at() == 12


def test_the_room_lingers_for_a_lost_visitor_even_if_others_leave_later() -> None:
    room = Occupancy(3, vacant_until=60)
    room.enter(1, "a")
    room.enter(2, "b")
    room.drop(1, "a", until=12, lingers_until=100)
    assert list(room.expire(12)) == [(1, True)]
    assert room.over_at() is None
    room.leave(2, "b", until=22)
    assert room.over_at() == 100


@pytest.mark.parametrize("way", ["they come back and leave", "they are sent away"])
def test_the_room_stops_lingering_for_a_visitor(way: str) -> None:
    room = Occupancy(3, vacant_until=60)
    room.enter(1, "a")
    room.drop(1, "a", until=12, lingers_until=100)
    assert list(room.expire(12)) == [(1, True)]
    if way == "they come back and leave":
        assert room.enter(1, "b")
        room.drop(1, "b", until=30)
        assert list(room.expire(30)) == [(1, False)]
        assert room.over_at() == 30
    else:
        assert not room.release(1, until=30)
        assert room.over_at() == 12


def test_a_return_that_is_taken_back_leaves_the_visitor_lingering() -> None:
    room = Occupancy(3, vacant_until=60)
    room.linger(1, until=100)
    room.enter(1, "a")
    room.take_back(1, until=20)
    assert (len(room), room.lingers_until(1), room.over_at()) == (0, 100, 100)
    room.enter(2, "b")
    room.take_back(2, until=21)
    assert room.lingers_until(2) is None


def test_the_longest_present_visitor_comes_before_held_places() -> None:
    room = Occupancy(3, vacant_until=60)
    assert room.longest_present() is None
    for visitor, sid in ((1, "a"), (2, "b"), (3, "c")):
        room.enter(visitor, sid)
    room.drop(1, "a", until=300, lingers_until=900)
    assert room.longest_present() == 2
    room.drop(2, "b", until=300)
    room.drop(3, "c", until=300)
    assert room.longest_present() == 1


def test_who_is_beside_takes_no_place_inherits_nothing_and_keeps_no_room() -> None:
    room = Occupancy(1, vacant_until=60)
    assert room.stand_by(9, "t")
    assert (len(room), room.visitors, room.longest_present(), room.over_at()) == (0, [9], None, 60)
    room.enter(1, "a")
    assert not room.stand_by(9, "u")
    assert (len(room), room.visitors, room.longest_present()) == (1, [9, 1], 1)
    room.leave(1, "a", until=12)
    assert room.over_at() == 12
    room.drop(9, "t", until=300, lingers_until=900)
    room.drop(9, "u", until=300, lingers_until=900)
    assert (room.over_at(), room.next_deadline()) == (12, 12)
    assert list(room.expire(300)) == [(9, False)]
    assert 9 not in room


def test_a_visitor_can_step_aside_and_needs_a_free_place_to_come_back() -> None:
    room = Occupancy(1, vacant_until=60)
    room.enter(1, "a")
    assert room.step_aside(1, until=12)
    assert not room.step_aside(1, until=13)
    assert (len(room), room.over_at(), room.longest_present()) == (0, 12, None)
    assert room.sids(1) == {"a"}
    room.enter(2, "b")
    with pytest.raises(RoomFull):
        room.enter(1, "a")
    assert room.is_beside(1)
    room.leave(2, "b", until=14)
    assert not room.enter(1, "a")
    assert (len(room), room.over_at(), room.is_beside(1)) == (1, None, False)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "drop", "leave", "release", "stand_by", "step_aside"]),
        st.integers(1, 4),
        st.sampled_from("abc"),
    ),
    max_size=60,
)


@given(STEPS)
def test_any_order_of_joins_and_leaves_keeps_the_limit(steps: list[tuple[str, int, str]]) -> None:
    room = Occupancy(2, vacant_until=0)
    sids: dict[int, set[str]] = {}
    beside: set[int] = set()
    for now, (step, visitor, tab) in enumerate(steps, 1):
        sid = f"{visitor}{tab}"
        if step == "enter":
            if visitor in sids.keys() - beside or len(sids.keys() - beside) < 2:
                assert room.enter(visitor, sid) == (visitor not in sids)
                sids.setdefault(visitor, set()).add(sid)
                beside.discard(visitor)
            else:
                with pytest.raises(RoomFull):
                    room.enter(visitor, sid)
        elif step == "stand_by":
            room.step_aside(visitor, until=now)
            assert room.stand_by(visitor, sid) == (visitor not in sids)
            sids.setdefault(visitor, set()).add(sid)
            beside.add(visitor)
        elif step == "step_aside":
            assert room.step_aside(visitor, until=now) == (visitor in sids.keys() - beside)
            beside |= {visitor} & sids.keys()
        elif step == "drop":
            room.drop(visitor, sid, until=now, lingers_until=now + 5 if tab == "c" else None)
            sids.get(visitor, set()).discard(sid)
        elif step == "leave":
            last = sids.get(visitor) == {sid}
            assert room.leave(visitor, sid, until=now) == last
            sids.get(visitor, set()).discard(sid)
            if last:
                del sids[visitor]
        else:
            assert room.release(visitor, until=now) == (visitor in sids)
            sids.pop(visitor, None)
        beside &= sids.keys()
        assert set(room.visitors) == set(sids)
        assert len(room) == len(sids.keys() - beside) <= 2
        assert {visitor: room.sids(visitor) for visitor in sids} == sids
        present = [bool(tabs) for visitor, tabs in sids.items() if visitor not in beside]
        assert (room.vacant_until is None) == (room.over_at() is None) == any(present)
