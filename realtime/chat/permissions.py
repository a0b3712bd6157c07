"""Permissions: who may do what in a room, and to whose records."""

import enum

from realtime.chat.desk.house import House
from realtime.chat.model import Visitor
from realtime.chat.records import Said, StoredRecord
from realtime.chat.room import Room
from realtime.chat.wire_forms import Deleter
from realtime.errors import Kicked, NotAdmitted, NotAllowed, NotOwner, NotYours


class Act(enum.Enum):
    """An action in a room."""

    READ = "read the messages"
    SAY = "say something, react or edit"
    ERASE = "delete a record"
    CHANGE = "change the settings"
    DELETE = "delete the room"
    KICK = "kick someone, or list who was kicked"
    READMIT = "readmit someone"
    EXPORT = "take the conversation home"
    HAND_OVER = "make someone else the owner"


_FOR_ADMITTED = (Act.READ, Act.SAY, Act.ERASE)


def may(who: Visitor, act: Act, room: Room, house: House) -> None:
    """Return if the visitor is allowed to. A teacher is, in every room, but nobody says anything in a saved one.

    Raises Banned, SeatNeeded, Kicked or NotAdmitted; NotAllowed, Frozen or Muted for saying something; NotOwner for an
    owner's action.
    """
    if room.read_only and act is Act.SAY:
        raise NotAllowed(reason="saved")
    if house.is_teacher(who.id):
        return
    house.check_welcome(who)
    if act not in _FOR_ADMITTED and who.id != room.owner.id:
        raise NotOwner
    if who.id in room.bans:  # an owner too: a teacher can kick them
        raise Kicked
    if act in _FOR_ADMITTED and not room.admits(who):
        raise NotAdmitted
    if act is Act.SAY:
        house.check_voice(who, room)


def may_edit(who: Visitor, record: StoredRecord) -> Said:
    """Return the record if it is the visitor's own. Raises NotYours."""
    if not isinstance(record, Said) or record.visitor_id != who.id:
        raise NotYours
    return record


def may_delete(who: Visitor, record: StoredRecord, room: Room, house: House) -> tuple[Said, Deleter]:
    """Return the record, and as whom the visitor deletes it. Raises NotYours."""
    if isinstance(record, Said) and record.visitor_id == who.id:
        return record, "sender"
    if isinstance(record, Said) and house.is_teacher(who.id):
        return record, "teacher"
    if isinstance(record, Said) and who.id == room.owner.id:
        return record, "owner"
    raise NotYours
