"""The lessons' log and counters: with addresses for the operator, with colours for the class.

What somebody sent is shown to nobody else of the class, only how long it is.
"""

import logging
import time
from collections import deque
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from realtime.chat.model import Visitor, timestamp

log = logging.getLogger("gifchat.lessons")

Lesson = Literal["polling", "long_polling", "sse", "websocket", "socketio"]
LESSONS: Final[tuple[Lesson, ...]] = ("polling", "long_polling", "sse", "websocket", "socketio")

LINES: Final = 50
TEXT_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Guest:
    """A participant in a lesson, and their address."""

    who: Visitor
    address: str


class Line(msgspec.Struct, frozen=True):
    """LINE on the wire: of a message, its `text` to who sent it, its `length` to others."""

    at: str
    lesson: Lesson
    event: Literal["open", "message", "close"]
    user: str
    text: str | msgspec.UnsetType = msgspec.UNSET
    length: int | msgspec.UnsetType = msgspec.UNSET


class Entry(NamedTuple):
    """A line of the log as its author sees it, and as others do."""

    author_id: int
    own: Line
    others: Line

    def seen_by(self, reader_id: int) -> Line:
        """Return it as this visitor may see it."""
        return self.own if reader_id == self.author_id else self.others


class Tally(msgspec.Struct):
    """One lesson's number of open connections, requests and messages."""

    open: int = 0
    requests: int = 0
    sent: int = 0
    received: int = 0


class Board:
    """The log and the counters. `written` is the number of lines ever written; `entries` has the last of them."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LINES)
        self.written = 0
        self.tallies: Mapping[Lesson, Tally] = {lesson: Tally() for lesson in LESSONS}

    def counts(self) -> dict[Lesson, Tally]:
        """Return the current counters."""
        return {lesson: copy(tally) for lesson, tally in self.tallies.items()}

    def opened(self, lesson: Lesson, guest: Guest) -> None:
        """Record a lasting connection."""
        self.tallies[lesson].open += 1
        self._write(lesson, "open", guest)

    def received(self, lesson: Lesson, guest: Guest, message: object) -> None:
        """Record a message from a browser."""
        self.tallies[lesson].received += 1
        self._write(lesson, "message", guest, message)

    def closed(self, lesson: Lesson, guest: Guest) -> None:
        """Record the end of a connection."""
        self.tallies[lesson].open -= 1
        self._write(lesson, "close", guest)

    def _write(
        self,
        lesson: Lesson,
        event: Literal["open", "message", "close"],
        guest: Guest,
        message: object = msgspec.UNSET,
    ) -> None:
        if lesson == "long_polling":
            return  # one opens and closes with each event
        said = "" if message is msgspec.UNSET else f": {_printable(message)}"
        log.info("%s %s %s%s", lesson, event, guest.address, said)
        own = others = Line(timestamp(int(time.time() * 1000)), lesson, event, guest.who.user)
        if message is not msgspec.UNSET:
            own, others = replace(own, text=_text(message)), replace(own, length=_length(message))
        self.entries.append(Entry(guest.who.id, own, others))
        self.written += 1


def _printable(message: object) -> str:
    """Return the text for the operator's log, escaped so that it cannot move the cursor or begin a line."""
    return repr(message[:TEXT_LENGTH] if isinstance(message, str | bytes) else message)[:TEXT_LENGTH]


def _length(message: object) -> int:
    return len(message if isinstance(message, str | bytes) else _printable(message))


def _text(message: object) -> str:
    if isinstance(message, str):
        return message[:TEXT_LENGTH].encode("utf-8", "replace").decode()
    if isinstance(message, bytes):
        return message[:TEXT_LENGTH].hex(" ")[:TEXT_LENGTH]
    return _printable(message)
