"""The two-way index of who is in which room."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.membership import Membership


def test_members_are_listed_in_the_order_they_entered() -> None:
    rooms: Membership[int] = Membership()
    assert [rooms.enter("a", member) for member in (3, 1, 2, 1)] == [True, True, True, False]
    assert list(rooms.members("a")) == [3, 1, 2]
    rooms.leave("a", 3)
    rooms.enter("a", 3)
    assert list(rooms.members("a")) == [1, 2, 3]


def test_an_empty_room_is_removed() -> None:
    rooms: Membership[int] = Membership()
    rooms.enter("a", 1)
    assert "a" in rooms
    assert rooms.leave("a", 1)
    assert not rooms.leave("a", 1)
    assert "a" not in rooms
    assert list(rooms) == []
    assert list(rooms.members("a")) == []
    assert rooms.rooms(1) == ()


def test_a_dropped_member_is_removed_from_every_room() -> None:
    rooms: Membership[int] = Membership()
    rooms.enter("a", 1)
    rooms.enter("b", 1)
    rooms.enter("b", 2)
    assert rooms.drop(1) == ("a", "b")
    assert rooms.drop(1) == ()
    assert rooms.sizes() == {"b": 1}


_STEPS = st.lists(
    st.tuples(st.sampled_from(["enter", "leave", "drop"]), st.sampled_from("abc"), st.integers(0, 4)), max_size=60
)


@given(_STEPS)
def test_both_indexes_always_agree(steps: list[tuple[str, str, int]]) -> None:
    rooms: Membership[int] = Membership()
    model: set[tuple[str, int]] = set()
    for step, room, member in steps:
        if step == "enter":
            assert rooms.enter(room, member) is ((room, member) not in model)
            model.add((room, member))
        elif step == "leave":
            assert rooms.leave(room, member) is ((room, member) in model)
            model.discard((room, member))
        else:
            assert set(rooms.drop(member)) == {room for room, one in model if one == member}
            model = {(room, one) for room, one in model if one != member}
        assert {(room, one) for room in rooms for one in rooms.members(room)} == model
        assert {(room, one) for one in range(5) for room in rooms.rooms(one)} == model
