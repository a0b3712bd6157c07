"""The composition root: creates all parts of the server from a Config and connects them."""

import asyncio
import contextlib
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from db import private
from db.connection import Database
from db.epoch import watched
from db.erasure import Erasure
from db.lock import only_server
from db.stores import stores_over
from db.uploads import Uploads
from db.writer import Writer
from handlers import resources
from handlers.base import identified
from handlers.connections import Connections
from handlers.desk.cookie import DeskCookie
from handlers.desk.door import DeskDoor
from handlers.direct import HttpTimeouts
from handlers.exchange import Endpoint, Identify
from handlers.health import Health
from handlers.identity import IdentityCookie
from handlers.listening import WebServer, listen, most_connections, tls_context
from handlers.peer import Peers
from handlers.routes import make_front
from handlers.site import Site
from lan.addresses import Address, addresses
from lan.names import Names
from options import NO_DESK, VERSION, Config
from realtime.chat.desk.filter import WordFile, read_words
from realtime.chat.desk.room_file import read_rooms
from realtime.chat.desk.seats import Seats
from realtime.chat.events import ChatEvents, limited
from realtime.chat.images.examiner import COMMAND, Examiner
from realtime.chat.policy import Limits
from realtime.chat.service import ChatService
from realtime.chat.visitors import Visitors
from realtime.clock import Calendar
from realtime.engineio.budget import Rates
from realtime.engineio.buffers import Buffers
from realtime.engineio.server import Options, Server
from realtime.errors import DomainError, StartError, TooManyRooms
from realtime.hub import Hub
from realtime.lessons.service import COURSE_BOUNDS, Bounds, LessonService
from realtime.socketio.connection import acceptor

DATABASE = "gifchat.db"
SHELF = resources.STATIC / "shelf"
IMAGE_WORKER = (sys.executable, "--image-worker") if resources.FROZEN else COMMAND
MIB = 1024 * 1024
READ_OFF_BYTES = 64 * MIB  # an oversized body is read up to here and answered; a larger one is cut off
BODY_TIMEOUT_S = 60.0
HEADER_TIMEOUT_S = 20.0  # also how long an idle connection is kept
HOUSEKEEPING_EVERY_S = 3600.0
DAY_MS = 24 * 3600 * 1000


class Running(NamedTuple):
    """A running server: its port, its addresses, those that others most likely reach first, and the desk's token."""

    port: int
    addresses: Callable[[], Sequence[Address]]
    desk_token: str | None


def cookie_secret(config: Config) -> str | bytes:
    """Return the key that signs cookies; its file is created at the first start. Raises StartError or OSError."""
    if config.cookie_secret is not None:
        return config.cookie_secret.encode("utf-8", "surrogateescape")  # the environment may hold any bytes
    return key_in(config.data / "secret.key", secrets.token_hex(32))


def desk_token(config: Config) -> str | None:
    """Return the desk's token, None for no desk; its file is created as that of `cookie_secret`."""
    if config.desk_token == NO_DESK:
        return None
    return config.desk_token or key_in(config.data / "desk.key", secrets.token_urlsafe(16))


def key_in(path: Path, new: str) -> str:
    """Return what a file holds, `new` if there was none. Raises StartError or OSError."""
    private.create(path, new.encode())
    private.restrict(path)
    try:
        key = path.read_text("ascii").strip()
    except UnicodeDecodeError:
        key = ""
    if not key:
        raise StartError(f"{path} contains no key; delete it to generate a new one")
    return key


@contextlib.asynccontextmanager
async def serving(config: Config, bounds: Bounds = COURSE_BOUNDS) -> AsyncIterator[Running]:
    """Run the server while the context lasts. Raises StartError or OSError.

    `bounds` are the limits of the lessons; `config` overrides those it sets.
    """
    sockets = listen(config.host, config.port)
    port = sockets[0].getsockname()[1]
    scheme = "https" if config.tls_cert else "http"
    opened = partial(addresses, [listening.getsockname()[0] for listening in sockets], port, scheme)
    try:
        async with contextlib.AsyncExitStack() as stack:
            tls = tls_context(config.tls_cert, config.tls_key)
            config.data.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(only_server(config.data))
            secret, token = cookie_secret(config), desk_token(config)
            cookie = IdentityCookie(secret)
            database = await Database.open(config.data / DATABASE, resources.SCHEMA.read_text("utf-8"))
            stack.push_async_callback(database.close)
            await stack.enter_async_context(watched(database, lock))
            writer = Writer(database)
            stack.push_async_callback(writer.close)
            in_background(stack, Erasure(database, writer, config.data / DATABASE).run())
            uploads = Uploads(config.data / "uploads", config.quota * MIB)
            stores = stores_over(database, writer, uploads)
            hub = Hub()
            visitors = Visitors(stores.visitors, hub.clock)
            examiner = Examiner(uploads.folder, config.images, IMAGE_WORKER)
            service = ChatService(chat_limits(config), hub, visitors, stores, examiner=examiner, shelf=SHELF)
            seats = Seats(
                service, visitors, stores, hub.clock, key=secret.encode() if isinstance(secret, str) else secret
            )
            await load(visitors, service, seats, read_words(config.word_list) if config.word_list else None)
            if not token:
                service.desk.lift()
            stack.push_async_callback(service.stop)
            await prepare_rooms(service, config)
            ChatEvents(service, hub)
            desk = desk_of(service, hub, secret, token) if token is not None else None
            lessons = LessonService(hub, lesson_bounds(config, bounds), service.view)
            engine = engine_of(config, limited(hub, service))
            endpoint = endpoint_of(stack, config, engine, partial(identified, visitors, cookie, desk), desk, service)
            stack.push_async_callback(endpoint.peers.close)
            examiner.start()
            stack.push_async_callback(examiner.close)
            in_background(
                stack, run_housekeeping(service, visitors, config.keep_days), service.gallery.look_at_others()
            )
            site = Site(
                service=service,
                visitors=visitors,
                lessons=lessons,
                images=stores.images,
                health=Health(stores.records, config.data, examiner.working),
                version=VERSION,
                commits=writer.latency,
                metrics_open=config.metrics_open,
                lang=config.lang,
                max_occupancy=config.max_occupancy,
                max_upload_bytes=int(config.max_upload * MIB),
                debug=config.debug,
                hub=hub,
                port=port,
                addresses=opened,
                desk=desk,
                seats=seats if desk else None,
            )
            server = WebServer(
                make_front(site, endpoint, cookie, trust_proxy=config.trust_proxy),
                HttpTimeouts(HEADER_TIMEOUT_S, BODY_TIMEOUT_S),
                ssl_options=tls,
                xheaders=config.trust_proxy,
                max_body_size=READ_OFF_BYTES,
            )
            server.add_sockets(sockets)
            stack.push_async_callback(server.close_all_connections)
            stack.callback(engine.close)  # while waiting polls can still be answered
            stack.push_async_callback(lessons.stop)
            stack.callback(server.stop)
            yield Running(port, opened, token)
    finally:
        for listening in sockets:
            listening.close()


async def load(visitors: Visitors, service: ChatService, seats: Seats, words: WordFile | None) -> None:
    """Load what is stored. Raises StartError."""
    try:
        await visitors.start()
        await service.start(words)
        await seats.start()
    except DomainError as error:
        raise StartError(f"cannot read the database: {error.__cause__ or error}") from error


async def prepare_rooms(service: ChatService, config: Config) -> None:
    """Make the rooms of the file in `config`, if any, that are not there. Raises StartError or OSError."""
    if config.rooms is None:
        return
    planned = read_rooms(config.rooms, config.max_occupancy)
    try:
        await service.desk.preparing.prepare_all(planned)
    except TooManyRooms as error:
        raise StartError(f"{config.rooms}: there would be more rooms than --max-rooms allows") from error
    except DomainError as error:
        raise StartError(f"{config.rooms}: cannot store the rooms: {error.__cause__ or error}") from error


def chat_limits(config: Config) -> Limits:
    """Return the chat's limits with the values from `config`."""
    return Limits(
        rate=config.rate,
        per_address=config.per_address,
        grace_s=config.grace,
        linger_s=config.linger,
        max_occupancy=config.max_occupancy,
        max_rooms=config.max_rooms,
        quota_bytes=int(config.quota * MIB),
    )


def desk_of(service: ChatService, hub: Hub, secret: str | bytes, token: str) -> DeskDoor:
    """Serve the teacher's desk, and return its door."""
    service.serve_desk(hub)
    return DeskDoor(token, DeskCookie(secret, token, service.epoch), hub.clock, service.teachers.teach)


def engine_of(config: Config, hub: Hub) -> Server:
    """Return the Engine.IO server, within the bounds from `config`."""
    options = Options(rates=Rates() if config.rate else None)
    return Server(acceptor(hub), options=options, buffers=Buffers(config.max_buffer * MIB))


def endpoint_of(  # noqa: PLR0913, PLR0917  its parts
    stack: contextlib.AsyncExitStack,
    config: Config,
    engine: Server,
    identify: Identify,
    desk: DeskDoor | None,
    service: ChatService,
) -> Endpoint:
    """Return the endpoint of Socket.IO, with the names it answers to, and where accepted connections are counted."""
    peers, names = Peers(), Names(config.name or (), every=config.trust_proxy)
    endpoint = Endpoint(engine, identify, peers, names=names, admit=service.shake_hands)
    if desk is not None:
        endpoint.credential = desk.cookie.read
    shares = bool(config.rate) and not config.trust_proxy  # behind a proxy, all come from one address
    endpoint.connections = Connections(engine.buffers, most_connections(config.max_connections), shares=shares)
    in_background(stack, endpoint.connections.watch())
    return endpoint


def lesson_bounds(config: Config, bounds: Bounds) -> Bounds:
    """Return `bounds` with the values from `config`."""
    return replace(
        bounds,
        connections=config.max_lessons,
        people=config.per_address if config.rate else 0,
        messages_a_second=bounds.messages_a_second if config.rate else 0,
    )


def in_background(stack: contextlib.AsyncExitStack, *work: Coroutine[None, None, None]) -> None:
    """Run each `work` until the stack unwinds to here."""
    for each in work:
        stack.callback(asyncio.create_task(each).cancel)


async def run_housekeeping(service: ChatService, visitors: Visitors, keep_days: int) -> None:
    """Every hour, forget long-absent visitors, and delete records older than `keep_days` unless that is 0.

    No record is deleted until that many days after the clock was changed: until then, ages are unknown.
    """
    calendar = Calendar()
    while True:
        with contextlib.suppress(DomainError):
            await visitors.forget()
            if keep_days and calendar.steady_for(keep_days * DAY_MS / 1000):
                await service.expire(calendar.now_ms() - keep_days * DAY_MS)
        await asyncio.sleep(HOUSEKEEPING_EVERY_S)
