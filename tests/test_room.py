"""A room's methods keep its invariants, and nothing else changes it; permissions; ownership."""

import ast
from pathlib import Path

import pytest

from realtime.chat.desk.house import House
from realtime.chat.model import StoredRoom, Visitor
from realtime.chat.ownership import Ownership
from realtime.chat.permissions import Act, may, may_delete, may_edit
from realtime.chat.records import Said, StoredRecord
from realtime.chat.room import REMEMBERED_NONCES, Room
from realtime.chat.wire_forms import Record
from realtime.deferred import Deferred
from realtime.errors import Kicked, NotAdmitted, NotOwner, NotYours
from tests.conftest import ROOT
from tests.doubles import ManualClock

OWNER, GUEST, OTHER = (Visitor(number, f"#00000{number}") for number in (1, 2, 3))
HOUSE = House(ManualClock())
STORED = StoredRoom(7, "a" * 24, "방", 3, OWNER.id, OWNER.user, None, False, 0)


def record(seq: int, *, by: Visitor = OWNER, to: Visitor | None = None) -> StoredRecord:
    said = Said(seq=seq, room=STORED.key, visitor_id=by.id, user=by.user, created_at=0, chat="안녕")
    return said.whispered(to) if to else said


@pytest.fixture
def room() -> Room:
    return Room(STORED, unentered_until=60)


def test_a_banned_visitor_must_be_readmitted_and_then_admitted_again(room: Room) -> None:
    room.admit(GUEST.id)
    room.ban(GUEST)
    assert room.has_known(GUEST.id)
    with pytest.raises(Kicked):
        may(GUEST, Act.READ, room, HOUSE)
    room.readmit(GUEST.id)
    with pytest.raises(NotAdmitted):
        may(GUEST, Act.READ, room, HOUSE)
    assert not room.has_known(GUEST.id)


def test_only_its_sender_edits_a_record_and_the_owner_deletes_it_too(room: Room) -> None:
    said = record(1, by=GUEST)
    assert may_edit(GUEST, said) is said
    assert may_delete(GUEST, said, room, HOUSE) == (said, "sender")
    assert may_delete(OWNER, said, room, HOUSE) == (said, "owner")
    for refused in (lambda: may_edit(OWNER, said), lambda: may_delete(OTHER, said, room, HOUSE)):
        with pytest.raises(NotYours):
            refused()


@pytest.mark.parametrize("admitted", [True, False])
def test_undoing_a_ban_restores_the_room(room: Room, admitted: bool) -> None:
    if admitted:
        room.admit(GUEST.id)
    room.ban(GUEST)()
    assert (GUEST.id in room.grants, room.bans) == (admitted, {})


def test_undoing_a_change_restores_the_room(room: Room) -> None:
    before = room.view()
    undo = room.change(room.settings._replace(title="새 방", max=9, kept=True))
    assert (room.view().title, room.view().max, room.kept, room.occupancy.limit) == ("새 방", 9, True, 9)
    undo()
    assert (room.view(), room.occupancy.limit) == (before, before.max)


def test_a_rooms_size_cannot_drop_below_its_occupancy(room: Room) -> None:
    for visitor in (OWNER, GUEST, OTHER):
        room.occupancy.enter(visitor.id, visitor.user)
    with pytest.raises(AssertionError):
        room.change(room.settings._replace(max=2))


def test_a_catch_up_collects_only_records_visible_to_its_visitor(room: Room) -> None:
    with room.catch_up("sid", GUEST.id) as missed:
        for one in (record(1), record(2, to=OTHER), record(3, to=GUEST), record(4, by=GUEST, to=OTHER)):
            room.committed(one)
        assert [one.seq for one in missed.after([], 0)] == [1, 3, 4]
        assert [one.seq for one in missed.after([record(2), record(3)], 1)] == [2, 3, 4]
        room.committed(record(3, to=GUEST).revised(5))
        assert [(one.seq, one.position) for one in missed.after([record(3)], 1)] == [(4, 4), (3, 5)]
    room.committed(record(6))
    assert len(missed.records) == 4
    assert room.last_seq == 6


def test_the_join_record_of_an_abandoned_place_ends_no_join(room: Room) -> None:
    first, second = Deferred[Record](), Deferred[Record]()
    room.begin_join(GUEST.id, first)
    room.begin_join(GUEST.id, second)
    assert not room.end_join(GUEST.id, first)
    assert room.end_join(GUEST.id, second)
    assert not room.end_join(GUEST.id, second)


def test_the_oldest_nonce_of_an_ephemeral_room_is_forgotten_first(room: Room) -> None:
    said = record(1).wire(room.id)
    for number in range(REMEMBERED_NONCES + 1):
        room.remember_relayed(GUEST.id, str(number), said)
    assert (GUEST.id, "0") not in room.relayed
    assert len(room.relayed) == REMEMBERED_NONCES


def test_a_room_has_one_timer_and_none_after_its_end(room: Room) -> None:
    clock = ManualClock()
    for when in (1, 2):
        room.schedule(clock.call_at(when, lambda: None))
    assert clock.armed == 1
    room.retire()
    assert (clock.armed, room.gone) == (0, True)


@pytest.mark.parametrize("act", Act)
def test_each_action_is_limited_to_members_or_the_owner(room: Room, act: Act) -> None:
    members = act in (Act.READ, Act.SAY, Act.ERASE)
    may(OWNER, act, room, HOUSE)
    with pytest.raises(NotAdmitted if members else NotOwner):
        may(GUEST, act, room, HOUSE)
    room.admit(GUEST.id)
    if members:
        may(GUEST, act, room, HOUSE)
    else:
        with pytest.raises(NotOwner):
            may(GUEST, act, room, HOUSE)


def test_of_several_owner_decisions_the_last_stored_one_counts() -> None:
    ownership = Ownership(OWNER, expected_until=60)
    ownership.decide(GUEST)
    ownership.decide(OTHER)
    assert (ownership.owner, ownership.expected_until) == (OTHER, None)
    assert not ownership.settle(GUEST, stored=True)
    assert ownership.settle(OTHER, stored=False)
    assert ownership.owner == GUEST


def test_only_a_rooms_own_methods_change_its_state() -> None:
    """Every statement in realtime/chat that assigns to a room's field or mutates one is in the room's own class."""
    fields = set(Room.__slots__) - {"changing", "occupancy", "ownership"}  # these have methods of their own
    changing = {"add", "discard", "remove", "pop", "popitem", "clear", "update", "append"}
    found = []
    for path in sorted(Path(ROOT / "realtime" / "chat").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            target = node
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changing:
                target = node.func.value
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                target = node.value
            elif not (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)):
                continue
            if isinstance(target, ast.Attribute) and target.attr in fields and ast.unparse(target.value) == "room":
                found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
    assert found == []
