"""What all handlers share: identity, guards, reading bodies, and error responses.

Bodies are always streamed, so that an oversized one is read to its end, in bounded memory, and then answered. Closing
the connection while the client is still sending would reset it, and the client would not see the answer.
"""

import asyncio
import enum
import functools
import http
import logging
import math
import urllib.parse
from collections.abc import Awaitable, Mapping
from types import TracebackType
from typing import cast

import msgspec
import tornado.web
from tornado.httputil import HTTPHeaders

from handlers import bodies, encoding
from handlers.choices import Choices
from handlers.desk.door import DeskDoor
from handlers.headers import FIXED_HEADERS, PERMISSIONS_POLICY
from handlers.identity import Headers, Identity, IdentityCookie
from handlers.origin import OwnPagesOnly, asked_for_by_another_site
from handlers.pages import Language, Pages, SharedPage, preferred_language
from handlers.site import Site, site_of
from handlers.statuses import STATUS, as_domain_error
from lan.names import is_trustworthy
from realtime import errors
from realtime.chat.model import Visitor
from realtime.chat.permissions import Act
from realtime.chat.visitors import Visitors
from realtime.unicode import from_utf8

log = logging.getLogger("gifchat.http")

BODY_BYTES = 64 * 1024
JSON = "application/json; charset=utf-8"

# What is smaller is not worth compressing.
COMPRESSED_FROM_BYTES = 1024


class Guard(enum.Enum):
    """Who may use a route; checked before its body is read."""

    PUBLIC = "anybody, and nobody is asked who they are"
    ARRIVING = "anybody, and who has no identity gets one; but no picture, script or frame of another site's page"
    VISITOR = "as before; but where one enters only with a seat card, who has one"
    MEMBER = "who is admitted to the room in the path"
    OWNER = "who owns the room in the path"
    TEACHER = "who has opened the teacher's desk"


SECRET_PATH = "/seat/"
"""What follows is the code of a seat card."""


def logged(path: str) -> str:
    """Return a path as logs have it: without a secret."""
    return f"{SECRET_PATH}…" if path.startswith(SECRET_PATH) else path


def identified(
    visitors: Visitors, cookie: IdentityCookie, desk: DeskDoor | None, headers: HTTPHeaders, secure: bool
) -> Identity:
    """Return who sends a request, by its cookie; without a valid one, a new visitor.

    With it come the headers that set the cookie, if necessary. The desk, if there is one, notices its teacher.
    """
    known, renewed = cookie.read(headers)
    visitor, session = visitors.identify(known)
    if session is None and renewed:
        session = known
    if desk is not None:
        desk.notice(visitor, headers)
    return visitor, cookie.given(headers, session, secure=secure) if session is not None else ()


@tornado.web.stream_request_body
class BaseHandler(OwnPagesOnly):
    """A handler with a guard for each method; its body is read completely before it responds."""

    body_bytes = BODY_BYTES
    compresses = True
    # "Back" shows such a page as it was, by a browser's back/forward cache; its scripts bring it up to date.
    page_caching = "private, no-cache"
    overflow: type[errors.DomainError] = errors.TooLarge
    # By method, the errors that redirect to the lobby instead of showing an error page.
    redirected: Mapping[str, frozenset[type[errors.DomainError]]] = {}
    # The headers that set the visitor's cookie.
    _given: Headers = ()

    def initialize(self, guards: Mapping[str, Guard]) -> None:
        """Set this route's guard for each method; methods without one are not allowed."""
        self.guards = guards
        self._who: Visitor | None = None
        self._body = bytearray()
        self._overflowed = False

    @property
    def site(self) -> Site:
        """The parts of the program behind the handlers."""
        return site_of(self)

    @property
    def who(self) -> Visitor:
        """The visitor. Only behind a guard that identifies one."""
        assert self._who is not None
        return self._who

    @property
    def called(self) -> str:
        """The name that the visitor has given themself, or an empty text."""
        name = self.site.visitors.name_of(self._who.id) if self._who else None
        return name.text if name else ""

    @property
    def address(self) -> str:
        """The client's address."""
        return self.request.remote_ip or ""

    @property
    def wants_json(self) -> bool:
        """Whether the client asks for JSON rather than a page."""
        return "application/json" in self.request.headers.get("Accept", "").lower()

    @property
    def accepts_gzip(self) -> bool:
        """Whether the client takes a compressed answer."""
        return encoding.accepts(self.request.headers.get("Accept-Encoding", ""))("gzip")

    @functools.cached_property
    def lang(self) -> Language:
        """The reader's language: their own choice, the operator's, or their browser's."""
        if self.choices.language is not None:
            return self.choices.language
        if self.site.lang == "auto":
            return preferred_language(self.request.headers.get("Accept-Language", ""))
        return self.site.lang

    @property
    def house(self) -> str:
        """What pages tell their reader: `teacher` to a teacher, to others what is not allowed, as `no-whispers`."""
        house = self.site.service.house
        if self._who and house.is_teacher(self._who.id):
            return "teacher"
        allowed = msgspec.structs.asdict(house.view())
        return " ".join(f"no-{name}" for name, on in allowed.items() if not on)

    @property
    def identity(self) -> IdentityCookie:
        """What reads and makes the visitors' cookies."""
        return cast(IdentityCookie, self.settings["identity"])

    @functools.cached_property
    def choices(self) -> Choices:
        """What the reader has chosen, whether or not they are asked who they are."""
        return self.identity.choices(self.request.headers)

    @property
    def reader(self) -> Mapping[str, str]:
        """The values of `READER` in the reader's pages."""
        return self.pages.reader(self.lang, self.choices)

    @property
    def pages(self) -> Pages:
        """The application's templates."""
        return cast(Pages, self.settings["pages"])

    @property
    def _method(self) -> str:
        return "GET" if self.request.method == "HEAD" else self.request.method or ""

    @property
    def body_received(self) -> "asyncio.Future[None]":
        """Done when all of the body was received, or the connection closed before."""
        # Private to Tornado, which otherwise signals the end of a body only by calling the method's handler: too late
        # for requests that are refused before.
        return self.request._body_future

    # -- at the door

    async def prepare(self) -> None:
        """Check this method's guard."""
        guard = self.guards.get(self._method)
        if guard is None:
            raise tornado.web.HTTPError(http.HTTPStatus.METHOD_NOT_ALLOWED)
        if guard is Guard.PUBLIC:
            return
        if guard is Guard.TEACHER and not self.site.is_at_desk(self.request.headers):
            raise errors.NotTeacher
        if asked_for_by_another_site(self.request.headers):
            raise errors.Forbidden
        self._who = self._identified()
        if guard is not Guard.ARRIVING and self.site.service.house.needs_seat(self._who):
            raise errors.SeatNeeded
        if self._method != "GET":
            self.site.service.acts(self._who, self.address)
        # The service checks again when it acts: much may happen while a body arrives.
        if guard is Guard.MEMBER:
            self.site.service.check(self.who, Act.READ, self.path_args[0])
            if self._method != "GET":  # who reads is not stored for it
                await self.site.service.store(self.who)
        elif guard is Guard.OWNER:
            self.site.service.check(self.who, Act.CHANGE, self.path_args[0])

    def _identified(self) -> Visitor:
        """Return the visitor, and set their cookie if necessary."""
        secure = self.request.protocol == "https"
        site = self.site
        visitor, self._given = identified(site.visitors, self.identity, site.desk, self.request.headers, secure)
        assert isinstance(visitor, Visitor)
        self._give()
        return visitor

    def _give(self) -> None:
        for name, value in self._given:
            self.add_header(name, value)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Keep a body up to its limit; of a larger one, keep nothing."""
        self._overflowed |= len(self._body) + len(chunk) > self.body_bytes
        if self._overflowed:
            self._body.clear()
        else:
            self._body += chunk
        self.settings["connections"].receives(self.request.connection, len(self._body))
        return None

    def fields(self) -> dict[str, object]:
        """Return the values of the form or JSON object in the body. Raises `overflow` or BadRequest."""
        if self._overflowed:
            raise self.overflow
        return bodies.fields(self.request.headers.get("Content-Type", ""), bytes(self._body))

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Decode a part of the URL; invalid UTF-8 is no error, just a room or password that does not exist."""
        try:
            return from_utf8(value)
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace")

    def query(self, name: str) -> str | None:
        """Return the query argument `name` unchanged: Tornado's own method would turn NULs into spaces."""
        values = self.request.query_arguments.get(name)
        return self.decode_argument(values[-1]) if values else None

    # -- answers

    def set_default_headers(self) -> None:
        """Set the headers of every response (docs/protocol.md, "HTTP"); file handlers set their own caching."""
        self.clear_header("Server")
        for name, value in FIXED_HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Vary", "Accept, Accept-Encoding, Accept-Language, Cookie")
        self._give()  # Tornado comes here again for an error

    async def head(self, *path_args: str) -> None:
        """Answer as GET does; Tornado sends the headers alone."""
        await cast("Awaitable[None]", self.get(*path_args))

    def json(self, value: object, status: int = http.HTTPStatus.OK) -> None:
        """Answer with `value`, of structs and the plain types, as JSON."""
        self.set_status(status)
        self.set_header("Content-Type", JSON)
        self._send(msgspec.json.encode(value))

    def done(self, value: object) -> None:
        """Report success: `value` to a program, the course's `ok` to others."""
        if self.wants_json:
            self.json(value)
        else:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish("ok")

    def page(self, template: str, status: int = http.HTTPStatus.OK, **values: object) -> None:
        """Answer with a page in the reader's language."""
        self.set_status(status)
        self.set_page_headers()
        user = self._who.user if self._who else ""
        about = {"status": int(status), "user": user, "called": self.called, "house": self.house, **self.reader}
        self._send(self.pages.render(template, self.lang, **about, **values).encode())

    def shared_page(self, page: SharedPage, reader: Mapping[str, str]) -> None:
        """Answer with a page, and the reader's values, escaped, in its holes."""
        beginning = page.beginning_for({**self.reader, **reader})
        self.set_page_headers()
        if self.accepts_gzip:
            self.set_header("Content-Encoding", "gzip")
            self.finish(page.ending.compressed_after(beginning))
        else:
            self.finish(beginning + page.ending.plain)

    def set_page_headers(self) -> None:
        """Set the headers of a page, beside those of every response."""
        self.set_header("Cache-Control", self.page_caching)
        self.set_header("Permissions-Policy", PERMISSIONS_POLICY)
        # Browsers ignore it elsewhere, with an error on the console of each page.
        if self.request.protocol == "https" or is_trustworthy(self.request.host):
            self.set_header("Cross-Origin-Opener-Policy", "same-origin")

    def _send(self, body: bytes) -> None:
        """Answer with `body`, compressed if that pays and the client takes it."""
        if self.compresses and len(body) >= COMPRESSED_FROM_BYTES and self.accepts_gzip:
            self.set_header("Content-Encoding", "gzip")
            body = encoding.compressed(body)
        self.finish(body)

    # -- errors

    def send_error(self, status_code: int = 500, **kwargs: object) -> None:
        """Respond with an error once the whole body has been read.

        Tornado would respond before the body arrives, and close the connection on the sender.
        """
        if self.body_received.done():
            super().send_error(status_code, **kwargs)
        else:
            self.body_received.add_done_callback(lambda _: super(BaseHandler, self).send_error(status_code, **kwargs))

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Write the error as JSON, as a page, or as a redirect to the lobby (docs/protocol.md, "HTTP")."""
        _, raised, _ = cast("tuple[object, object, object]", kwargs.get("exc_info", (None, None, None)))
        error = as_domain_error(status_code, raised)
        status = self.refuse(error)
        if status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
            status = status_code
            self.set_header("Allow", ", ".join(["HEAD", *self.guards] if "GET" in self.guards else self.guards))
        if self.wants_json:
            self.json(error.body(), status)
        elif type(error) in self.redirected.get(self._method, ()):
            self.redirect(f"/?error={urllib.parse.quote(str(error), safe='')}")
        else:
            self.error_page(error, status)

    def error_page(self, error: errors.DomainError, status: int) -> None:
        """Answer with a page that tells the error; it offers to type the code of a seat card if one is needed."""
        template = "seat_code.html" if isinstance(error, errors.SeatNeeded) else "error.html"
        self.page(template, status, message=self.pages.error_text(self.lang, error))

    def refuse(self, error: errors.DomainError) -> int:
        """Return the status of `error`, set the header that goes with it, and count it."""
        self.settings["metrics"].refused(error.code)
        if "retry_after" in error.detail:
            self.set_header("Retry-After", math.ceil(float(error.detail["retry_after"])))
        return STATUS[type(error)]

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log a bug, without the query, which may contain a password; refusals are in the access log."""
        if not isinstance(value, errors.DomainError | tornado.web.HTTPError):
            log.error("%s %s", self.request.method, logged(self.request.path), exc_info=value)
