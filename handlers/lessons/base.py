"""The common part of the lessons' handlers: access, parameters, and the size of headers."""

import http
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPHeaders
from tornado.iostream import IOStream

from handlers.base import BaseHandler
from realtime.errors import BadRequest, Forbidden
from realtime.lessons.board import Guest, Lesson
from realtime.lessons.service import LessonService

NUMBER = re.compile(r"-?[0-9]{1,15}", re.ASCII)


class LessonHandler(BaseHandler, ABC):
    """A request of a lesson. Refused from other sites' pages, which could use up a visitor's connections.

    Answers are not compressed, because the lessons show how many bytes they have. `every_ms` and `least_bytes` are the
    requested values, clamped; `sized` says whether a size was requested at all.
    """

    compresses = False

    async def prepare(self) -> None:
        """Check the origin, then the guard, and read the query. Raises Forbidden or BadRequest."""
        if not self.is_from_own_page():
            raise Forbidden
        bounds = self.lessons.bounds
        every_ms, least_bytes = self.number("every_ms"), self.number("bytes")
        self.every_ms = within(
            bounds.least_every_ms, bounds.every_ms if every_ms is None else every_ms, bounds.most_every_ms
        )
        self.sized = least_bytes is not None
        self.least_bytes = within(0, least_bytes or 0, bounds.most_bytes)
        await super().prepare()
        self.lessons.board.tallies[self.lesson].requests += 1

    @property
    @abstractmethod
    def lesson(self) -> Lesson:
        """Which lesson this is a request of. Raises BadRequest."""

    @property
    def lessons(self) -> LessonService:
        """The lessons of this server."""
        return self.site.lessons

    @property
    def guest(self) -> Guest:
        """The visitor and the client's address."""
        return Guest(self.who, self.address)

    @property
    def stream(self) -> IOStream:
        """The connection of this request."""
        assert isinstance(self.request.connection, HTTP1Connection)
        return self.request.connection.stream

    def number(self, name: str) -> int | None:
        """Return an integer from the query, None if it is absent. Raises BadRequest."""
        text = self.get_query_argument(name, "", strip=False)
        if text and not NUMBER.fullmatch(text):
            raise BadRequest
        return int(text) if text else None

    def heads(self, further: Mapping[str, str] = {}) -> dict[str, int]:
        """Return HEADERS of the wire, where the response has all headers except `further`."""
        request = self.request
        up = f"{request.method} {request.uri} {request.version}"
        down = f"HTTP/1.1 {self.get_status()} {http.HTTPStatus(self.get_status()).phrase}"
        # Private to Tornado, which has public methods to set these but none to read them.
        own = HTTPHeaders(self._headers)
        own.update(further)
        return {"up": head_bytes(up, request.headers), "down": head_bytes(down, own)}


def head_bytes(start_line: str, headers: HTTPHeaders) -> int:
    """Return the size of a message's start line and headers on the wire (RFC 9112, section 2.1)."""
    lines = [start_line, *(f"{name}: {value}" for name, value in headers.get_all()), ""]
    return sum(len(line) + len("\r\n") for line in lines)


def within(least: int, value: int, most: int) -> int:
    """Return `value`, clamped."""
    return max(least, min(value, most))
