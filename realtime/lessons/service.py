"""The course's first chapters, live: the common part of their handlers and namespaces."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from realtime.chat.model import RoomView
from realtime.errors import TooManyLessons
from realtime.hub import Hub
from realtime.lessons.beats import Beats
from realtime.lessons.board import Board, Guest, Lesson
from realtime.lessons.feed import Feed
from realtime.lessons.news import News
from realtime.lessons.pace import Pace
from realtime.lessons.places import Places
from realtime.lessons.tree import tree

FAREWELL_S: Final = 1.0
"""How long a stopping server waits for the lessons' connections."""


@dataclass(frozen=True)
class Bounds:
    """The limits of the lessons and their parameters."""

    every_ms: int = 3000
    least_every_ms: int = 500
    most_every_ms: int = 10_000
    most_bytes: int = 8192
    message_bytes: int = 16_384
    heartbeat_ms: int = 10_000
    ping_s: float = 25.0
    connections: int = 1000
    connections_of_visitor: int = 20
    people: float = 100  # expected behind one address; 0: no shares of addresses
    messages_a_second: float = 10


COURSE_BOUNDS: Final = Bounds()


@dataclass(eq=False, slots=True)
class Visit:
    """An open connection. `end` ends it cleanly, now or shortly after."""

    lesson: Lesson
    guest: Guest
    end: Callable[[], object]


class LessonService:
    """The lessons of one server. `view` returns a chat room or raises NoSuchRoom."""

    def __init__(self, hub: Hub, bounds: Bounds, view: Callable[[str], RoomView]) -> None:
        self.bounds = bounds
        self.beats = Beats(hub.clock)
        self.board = Board()
        self.pace = Pace(bounds.messages_a_second)
        self._places = Places(bounds.connections, bounds.connections_of_visitor, bounds.people)
        self._news = News(hub, self.board, self._places, self.pace, bounds.every_ms)
        self._feed = Feed(hub, self.board, lambda: tree(hub, view))
        self._visits: set[Visit] = set()
        self._stopping = False
        self._nobody = asyncio.Event()
        self._nobody.set()

    def open(self, lesson: Lesson, guest: Guest, end: Callable[[], object]) -> Visit:
        """Add a lasting connection; its handler calls `close` when it is over. Raises TooManyLessons."""
        if self._stopping:
            raise TooManyLessons
        self._places.take(guest.who.id, guest.address)
        visit = Visit(lesson, guest, end)
        self._visits.add(visit)
        self._nobody.clear()
        self.board.opened(lesson, guest)
        return visit

    def close(self, visit: Visit) -> None:
        """Remove a connection that is over."""
        self._visits.remove(visit)
        self._places.free(visit.guest.who.id, visit.guest.address)
        self.board.closed(visit.lesson, visit.guest)
        if not self._visits:
            self._nobody.set()

    async def stop(self) -> None:
        """End every connection and stop sending. Returns when they are over, at the latest after a second."""
        self._stopping = True
        self._news.stop()
        self._feed.stop()
        for visit in list(self._visits):
            visit.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._nobody.wait()
