"""Who watches the rooms: the open desks, or nobody.

Watching costs nothing while nobody does: what happens in a room is told by one call.
"""

from typing import Final, Protocol

from realtime.chat.records import StoredRecord
from realtime.chat.room import Room


class Watcher(Protocol):
    """What is told about every room."""

    def touched(self, room: Room) -> None:
        """Handle that something about a room may have changed."""

    def said(self, room: Room, record: StoredRecord) -> None:
        """Handle a new record, or a record's new state, that was sent to the room."""

    def ended(self, room: Room) -> None:
        """Handle a room's end; nothing is told of it afterwards."""


class _Nobody:
    def touched(self, room: Room) -> None:
        pass

    def said(self, room: Room, record: StoredRecord) -> None:
        pass

    def ended(self, room: Room) -> None:
        pass


UNWATCHED: Final[Watcher] = _Nobody()


class Watch:
    """Who watches now."""

    __slots__ = ("by",)

    def __init__(self) -> None:
        self.by: Watcher = UNWATCHED
