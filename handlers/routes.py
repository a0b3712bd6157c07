"""The URL table. Each route declares a guard for each of its methods; any other URL is not found.

The Socket.IO transports come last and check the Origin and the visitor themselves, at each handshake.
"""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

import tornado.web
from tornado.httputil import HTTPServerRequest
from tornado.routing import Rule, URLSpec

from handlers import transport
from handlers.base import BaseHandler, Guard, NotFoundHandler, Site, identify
from handlers.chat import ChatHandler
from handlers.files import FaviconHandler, FileHandler, ImageHandler, LastingFileHandler
from handlers.gif import GifHandler
from handlers.identity import IdentityCookie
from handlers.join import JoinHandler
from handlers.lessons.events import EventsHandler
from handlers.lessons.page import LessonsHandler
from handlers.lessons.poll import PollHandler
from handlers.lessons.programs import programs
from handlers.lessons.websocket import LessonWebSocket
from handlers.lobby import LobbyHandler, NewRoomHandler
from handlers.ops import HealthHandler, Metrics, MetricsHandler
from handlers.pages import Pages
from handlers.resources import CLIENT, ROOT, STATIC, TEMPLATES, fingerprint
from handlers.room import EnterHandler, GifsHandler, HistoryHandler, KickedHandler, RoomHandler, SearchHandler
from handlers.websocket import Peers
from realtime.chat.model import IMAGE_FILE
from realtime.engineio.server import Server

log = logging.getLogger("tornado.access")

STATIC_NAMES = r"[A-Za-z0-9_./-]+"
CLIENT_NAMES = r"socket\.io(?:\.esm)?(?:\.min)?\.js(?:\.map)?"


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
    public, visitor = {"GET": Guard.PUBLIC}, {"GET": Guard.VISITOR}
    return [
        Route(r"/", LessonWebSocket, visitor, only=transport.asks_for_websocket),
        Route(r"/", LobbyHandler, {"GET": Guard.VISITOR}),
        Route(r"/join", JoinHandler, {"GET": Guard.VISITOR}),
        Route(r"/room", NewRoomHandler, {"GET": Guard.VISITOR, "POST": Guard.VISITOR}),
        Route(r"/room/([^/]+)", RoomHandler, {"GET": Guard.VISITOR, "PATCH": Guard.OWNER, "DELETE": Guard.OWNER}),
        Route(r"/room/([^/]+)/kicked", KickedHandler, {"GET": Guard.OWNER}),
        Route(r"/room/([^/]+)/enter", EnterHandler, {"POST": Guard.VISITOR}),
        Route(r"/room/([^/]+)/chat", ChatHandler, {"POST": Guard.MEMBER}),
        Route(r"/room/([^/]+)/chats", HistoryHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/search", SearchHandler, {"GET": Guard.MEMBER}),
        Route(r"/room/([^/]+)/gif", GifHandler, {"POST": Guard.MEMBER}),
        Route(r"/room/([^/]+)/gifs", GifsHandler, {"GET": Guard.MEMBER}),
        Route(rf"/gif/({IMAGE_FILE})", ImageHandler, public, {"path": site.images.folder}),
        Route(rf"/socket\.io/({CLIENT_NAMES})", FileHandler, public, {"path": CLIENT}),
        Route(rf"/static/{fingerprint(STATIC)}/({STATIC_NAMES})", LastingFileHandler, public, {"path": STATIC}),
        Route(rf"/static/({STATIC_NAMES})", FileHandler, public, {"path": STATIC}),
        Route(r"/(favicon\.ico)", FaviconHandler, public, {"path": STATIC / "img"}),
        Route(r"/ws", LessonWebSocket, visitor),
        Route(r"/lessons", LessonsHandler, visitor, {"programs": programs(ROOT)}),
        Route(r"/lessons/events", EventsHandler, visitor),
        Route(r"/lessons/poll", PollHandler, visitor),
        Route(r"/healthz", HealthHandler, public),
        Route(r"/metrics", MetricsHandler, public),
    ]


def make_app(site: Site, *, engine: Server, peers: Peers, cookie_secret: str | bytes) -> tornado.web.Application:
    """Return the application. Its HTTPServer accepts large bodies, so that handlers can read and refuse them."""
    metrics = Metrics(site, engine)

    def log_request(handler: tornado.web.RequestHandler) -> None:
        metrics.count(handler)
        log_access(handler)

    return tornado.web.Application(
        [*(_spec(route) for route in routes(site)), *transport.routes(engine, identify, peers)],
        default_handler_class=NotFoundHandler,
        default_handler_args={"guards": {}},
        site=site,
        pages=Pages(TEMPLATES, static="/static" if site.debug else f"/static/{fingerprint(STATIC)}", debug=site.debug),
        metrics=metrics,
        identity=IdentityCookie(cookie_secret),
        xsrf_cookies=True,  # by which `OwnPagesOnly` is asked; no cookie comes of it
        cross_origin_protection=True,
        log_function=log_request,
        static_hash_cache=not site.debug,
    )


def log_access(handler: tornado.web.RequestHandler) -> None:
    """Log an answered request in one line, without its query, which may contain a password."""
    request = handler.request
    log.info(
        "%s %s %s %d %.1fms",
        request.remote_ip,
        request.method,
        request.path,
        handler.get_status(),
        1000 * request.request_time(),
    )


def _spec(route: Route) -> Rule:
    arguments = {**route.arguments, "guards": route.guards}
    if route.only is not None:
        return Rule(transport.Asks(route.path, route.only), route.handler, arguments)
    return URLSpec(route.path, route.handler, arguments)
