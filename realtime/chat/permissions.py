"""Who may do what in a room: asked here, and nowhere else."""

import enum

from realtime.chat.model import Visitor
from realtime.chat.room import Room
from realtime.errors import Kicked, NotAdmitted, NotOwner


class Act(enum.Enum):
    """What somebody wants to do in a room."""

    READ = "read what is said there"
    SAY = "say something there"
    CHANGE = "change the room itself"
    DELETE = "end it"
    KICK = "send somebody away, or see who was"
    READMIT = "let somebody back"
    HAND_OVER = "make somebody else the owner"


_THE_ADMITTEDS = (Act.READ, Act.SAY)


def may(who: Visitor, act: Act, room: Room) -> None:
    """Return if the visitor may. Raises Kicked or NotAdmitted, or NotOwner for what only an owner may."""
    if act not in _THE_ADMITTEDS:
        if who.id != room.owner.id:
            raise NotOwner
    elif who.id in room.bans:
        raise Kicked
    elif who.id not in room.grants:
        raise NotAdmitted
