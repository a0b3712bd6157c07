"""The URL table. Each route declares a guard for each of its methods; any other URL is not found.

The requests of Socket.IO do not get this far (handlers.exchange).
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import tornado.web
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, PathMatches, Rule, URLSpec

from handlers.assets import Assets, Exchange, Folder
from handlers.base import BaseHandler, Guard, logged
from handlers.chat import ChatHandler
from handlers.connections import Connections
from handlers.desk.export import DeskDataHandler, DeskPageHandler
from handlers.desk.locked import Locked, LockedHandler, brings_token
from handlers.desk.page import DeskHandler, LogHandler, PhoneHandler, TokenHandler
from handlers.desk.seats import RenewHandler, SeatsHandler
from handlers.exchange import Endpoint, EngineExchange
from handlers.export.choice import ChoiceHandler
from handlers.export.download import DataExportHandler, PageExportHandler
from handlers.files import (
    LASTING,
    REVALIDATED,
    ClientHandler,
    FaviconHandler,
    FileHandler,
    ImageHandler,
    LastingFileHandler,
)
from handlers.fragments import NAMES, FragmentHandler, rendered
from handlers.gif import GifHandler
from handlers.identity import IdentityCookie
from handlers.join import JoinHandler, ShareHandler
from handlers.lessons.events import EventsHandler
from handlers.lessons.frames import asks_for_websocket
from handlers.lessons.page import LessonsHandler
from handlers.lessons.poll import PollHandler
from handlers.lessons.programs import programs
from handlers.lessons.websocket import LessonWebSocket
from handlers.lines import Lines
from handlers.listing import Listing
from handlers.lobby import LobbyHandler, NewRoomHandler
from handlers.openings import Openings
from handlers.ops import HealthHandler, Metrics, MetricsHandler
from handlers.pages import Pages
from handlers.polling import EngineFirst
from handlers.refusing import NotFoundHandler, WrongHostHandler
from handlers.resources import CLIENT, HIGHLIGHTER, ROOT, STATIC, TEMPLATES, bundled, fingerprint
from handlers.room import EnterHandler, GifsHandler, HistoryHandler, KickedHandler, RoomHandler, SearchHandler
from handlers.screen import ScreenHandler
from handlers.seat import SeatCodeHandler, SeatHandler
from handlers.settings import SettingsHandler
from handlers.site import Site
from lan.names import Names
from realtime.chat.model import IMAGE_FILE

log = logging.getLogger("tornado.access")

STATIC_NAMES = r"[A-Za-z0-9_./-]+"
CLIENT_NAMES = r"socket\.io(?:\.esm)?(?:\.min)?\.js(?:\.map)?"
HIGHLIGHTER_NAMES = r"(?:core|languages/(?:bash|css|javascript|json|python|sql|typescript|xml))\.min\.js"


class Asks(PathMatches):
    """Matches a path if the request also satisfies a condition."""

    def __init__(self, path: str, kind: Callable[[HTTPServerRequest], bool]) -> None:
        super().__init__(path)
        self._kind = kind

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        found = super().match(request)
        return found if found is not None and self._kind(request) else None


class Foreign(Matcher):
    """Matches a request for a host that `names` does not have."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return None if self._names.answers(request.host) else {}


class Route(NamedTuple):
    """A path as a regular expression, a guard for each method, and the handler with its arguments.

    With `only`, the route matches only requests for which that is true.
    """

    path: str
    handler: type[BaseHandler]
    guards: Mapping[str, Guard]
    arguments: Mapping[str, object] = {}
    only: Callable[[HTTPServerRequest], bool] | None = None


def routes(site: Site) -> list[Route]:
    """Return every route of the application."""
    public, visitor, arriving = {"GET": Guard.PUBLIC}, {"GET": Guard.VISITOR}, {"GET": Guard.ARRIVING}
    return [
        Route(r"/", LessonWebSocket, visitor, only=asks_for_websocket),
        Route(r"/desk", TokenHandler, arriving, only=brings_token),
        Route(r"/desk", DeskHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/phone", PhoneHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/log", LogHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/export/([^/]+)\.html", DeskPageHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/export/([^/]+)\.jsonl", DeskDataHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/export/([^/]+)", ChoiceHandler, {"GET": Guard.TEACHER}),
        Route(r"/desk/seats", SeatsHandler, {"GET": Guard.TEACHER, "POST": Guard.TEACHER}),
        Route(r"/desk/seats/renew", RenewHandler, {"POST": Guard.TEACHER}),
        Route(r"/", LobbyHandler, {"GET": Guard.VISITOR}),
        Route(r"/join", JoinHandler, arriving),
        Route(r"/seat", SeatCodeHandler, arriving),
        Route(r"/seat/([^/]+)", SeatHandler, {"GET": Guard.ARRIVING, "POST": Guard.ARRIVING}),
        Route(r"/settings", SettingsHandler, {"POST": Guard.ARRIVING}),
        Route(r"/room", NewRoomHandler, {"GET": Guard.VISITOR, "POST": Guard.VISITOR}),
        Route(r"/room/([^/]+)", RoomHandler, {"GET": Guard.VISITOR, "PATCH": Guard.OWNER, "DELETE": Guard.OWNER}),
        Route(r"/room/([^/]+)/kicked", KickedHandler, {"GET": Guard.OWNER}),
        Route(r"/room/([^/]+)/enter", EnterHandler, {"POST": Guard.VISITOR}),
        Route(r"/room/([^/]+)/export", ChoiceHandler, {"GET": Guard.OWNER}),
        Route(r"/room/([^/]+)/export\.html", PageExportHandler, {"GET": Guard.OWNER}),
        Route(r"/room/([^/]+)/export\.jsonl", DataExportHandler, {"GET": Guard.OWNER}),
        Route(r"/room/([^/]+)/screen", ScreenHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/share", ShareHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/chat", ChatHandler, {"POST": Guard.MEMBER}),
        Route(r"/room/([^/]+)/chats", HistoryHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/search", SearchHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/gif", GifHandler, {"POST": Guard.MEMBER}),
        Route(r"/room/([^/]+)/gifs", GifsHandler, {"GET": Guard.MEMBER}),
        Route(rf"/gif/({IMAGE_FILE})", ImageHandler, public, {"path": site.images.folder}),
        Route(rf"/socket\.io/({CLIENT_NAMES})", ClientHandler, public, {"path": CLIENT}),
        Route(rf"/highlight/({HIGHLIGHTER_NAMES})", FileHandler, public, {"path": HIGHLIGHTER}),
        Route(rf"/static/{fingerprint(STATIC)}/({STATIC_NAMES})", LastingFileHandler, public, {"path": STATIC}),
        Route(rf"/static/({STATIC_NAMES})", FileHandler, public, {"path": STATIC}),
        Route(rf"/fragments/({NAMES})", FragmentHandler, public),
        Route(r"/(favicon\.ico)", FaviconHandler, public, {"path": STATIC / "img"}),
        Route(r"/ws", LessonWebSocket, visitor),
        Route(r"/lessons", LessonsHandler, visitor, {"programs": programs(ROOT)}),
        Route(r"/lessons/events", EventsHandler, visitor),
        Route(r"/lessons/poll", PollHandler, visitor),
        Route(r"/healthz", HealthHandler, public),
        Route(r"/metrics", MetricsHandler, public),
    ]


def make_app(site: Site, endpoint: Endpoint, identity: IdentityCookie) -> tornado.web.Application:
    """Return the application. Its HTTPServer accepts large bodies, so that handlers can read and refuse them.

    It counts and logs the requests to `endpoint`, too, which are handled without it.
    """
    metrics = Metrics(site, endpoint.engine, endpoint.connections)

    def log_request(handler: tornado.web.RequestHandler) -> None:
        request, status = handler.request, handler.get_status()
        endpoint.connections.answered(request.connection)
        metrics.count(status)
        log_access(request.remote_ip, request.method, logged(request.path), status, request.request_time())

    def log_exchange(exchange: EngineExchange, status: HTTPStatus) -> None:
        metrics.count(status)
        log_access(exchange.address, exchange.request.method, exchange.path, status, exchange.took_s)

    endpoint.note = log_exchange
    pages = Pages(
        TEMPLATES,
        static="/static" if site.debug else f"/static/{fingerprint(STATIC)}",
        bundled={} if site.debug else bundled(),
        debug=site.debug,
    )
    return tornado.web.Application(
        [
            Rule(Foreign(endpoint.names), WrongHostHandler, {"guards": {}}),
            Rule(Locked(site), LockedHandler, {"guards": {}}),
            *(_spec(route) for route in routes(site)),
        ],
        default_handler_class=NotFoundHandler,
        default_handler_args={"guards": {}},
        site=site,
        pages=pages,
        lines=Lines(pages),
        openings=Openings(),
        listing=Listing(site, pages),
        metrics=metrics,
        identity=identity,
        connections=endpoint.connections,
        xsrf_cookies=True,  # by which `OwnPagesOnly` is asked; no cookie comes of it
        cross_origin_protection=True,
        log_function=log_request,
        static_hash_cache=not site.debug,
    )


def make_front(site: Site, endpoint: Endpoint, identity: IdentityCookie, *, trust_proxy: bool) -> EngineFirst:
    """Return the application behind what answers most requests without it."""
    application = make_app(site, endpoint, identity)
    made = {} if site.debug else rendered(application.settings["pages"])
    assets = make_assets(application.settings["metrics"], endpoint.connections, made)
    return EngineFirst(application, endpoint, assets, trust_proxy=trust_proxy)


def make_assets(metrics: Metrics, connections: Connections, made: Mapping[str, bytes]) -> Assets:
    """Return what answers for our own files before the application is asked."""

    def answered(exchange: Exchange, status: HTTPStatus) -> None:
        metrics.count(status)
        connections.answered(exchange.connection)
        path = exchange.path.partition("?")[0]
        log_access(exchange.address, exchange.method, path, status, time.monotonic() - exchange.began)

    lasting = f"/static/{fingerprint(STATIC)}/"
    return Assets(
        [
            Folder(lasting, STATIC, LASTING, lasting=True),
            Folder("/static/", STATIC, REVALIDATED, compressed=False),
            Folder("/socket.io/", CLIENT, REVALIDATED, re.compile(CLIENT_NAMES)),
        ],
        made,
        answered,
    )


def log_access(address: str | None, method: str | None, path: str, status: int, seconds: float) -> None:
    """Log an answered request in one line. `path` has no query, which may contain a password."""
    log.info("%s %s %s %d %.1fms", address, method, path, status, 1000 * seconds)


def _spec(route: Route) -> Rule:
    arguments = {**route.arguments, "guards": route.guards}
    if route.only is not None:
        return Rule(Asks(route.path, route.only), route.handler, arguments)
    return URLSpec(route.path, route.handler, arguments)
