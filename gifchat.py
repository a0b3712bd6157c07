"""gifchat: an anonymous real-time GIF chat for one LAN.

The command line, and the one place that knows all parts and connects them.
"""

import sys

if __name__ == "__main__" and sys.argv[1:] == ["--image-worker"]:
    # The binary is no Python that could be given a module: it starts itself as the process that looks at images.
    from realtime.chat.images.worker import main as examine_images

    examine_images()

try:
    import argparse
    import asyncio
    import contextlib
    import gc
    import io
    import logging
    import os
    import secrets
    import signal
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
    from dataclasses import dataclass, replace
    from functools import partial
    from pathlib import Path
    from typing import Literal, NamedTuple, NoReturn

    import dotenv
    from dotenv.parser import parse_stream

    from db.connection import Database
    from db.lock import only_server
    from db.stores import Stores
    from db.uploads import Uploads
    from db.writer import Writer
    from handlers import resources
    from handlers.base import Site
    from handlers.listening import WebServer, allow_connections, listen, tls_context
    from handlers.polling import PollsFirst
    from handlers.routes import make_app
    from handlers.websocket import Peers
    from lan import streams
    from lan.addresses import Address, addresses
    from lan.browser import open_browser
    from lan.qr import can_show
    from lan.welcome import welcome
    from realtime.chat.events import ChatEvents
    from realtime.chat.images.examiner import COMMAND, Examiner
    from realtime.chat.images.model import ImageLimits
    from realtime.chat.policy import Limits
    from realtime.chat.service import ChatService
    from realtime.chat.visitors import Visitors
    from realtime.clock import Calendar
    from realtime.engineio.server import Server
    from realtime.errors import DomainError, StartError
    from realtime.hub import Hub
    from realtime.lessons.service import THE_COURSES, Bounds, LessonService
    from realtime.socketio.connection import acceptor
except ImportError as missing:
    package = (missing.name or "").partition(".")[0]
    if package in ("db", "handlers", "lan", "realtime"):
        sys.exit(f"gifchat: this copy of gifchat is not complete: {missing}")
    if package in sys.stdlib_module_names:
        sys.exit(f"gifchat: a part of Python itself is missing: {missing}")
    sys.exit(f"gifchat: the package {missing.name} is missing; 'make setup' installs what is needed into .venv")

VERSION = "0.1.0"
BUILT = resources.build()
SHELF = resources.STATIC / "shelf"
IMAGE_WORKER = (sys.executable, "--image-worker") if resources.FROZEN else COMMAND
MIB = 1024 * 1024
READ_OFF_BYTES = 64 * MIB  # an oversized body is read to here and answered; a larger one is cut
BODY_TIMEOUT_S = 60.0
HEADER_TIMEOUT_S = 20.0  # also how long an idle connection is kept
HOUSEKEEPING_EVERY_S = 3600.0
DAY_MS = 24 * 3600 * 1000
STOP_WITHIN_S = 4.0
MOST = 1_000_000_000  # of any option: more than anybody needs, and in any unit still a number for SQLite and timers

log = logging.getLogger("gifchat")


@dataclass(frozen=True)
class Config:
    """What the command line, the environment and `.env` say."""

    host: str
    port: int
    data: Path
    lang: Literal["ko", "en", "auto"]
    rate: float
    grace: float
    linger: float
    max_occupancy: int
    max_rooms: int
    max_lessons: int
    max_upload: float
    quota: float
    keep_days: int
    trust_proxy: bool
    tls_cert: Path | None
    tls_key: Path | None
    open: bool
    debug: bool
    cookie_secret: str | None = None
    images: ImageLimits = ImageLimits()


class Running(NamedTuple):
    """A server that serves: its port, and where it is to be opened, the likeliest for others first."""

    port: int
    addresses: Callable[[], Sequence[Address]]


class Option(NamedTuple):
    """One option: its name on the command line, how its text is read, its default as text, and what it does."""

    name: str
    read: Callable[[str], object]
    default: str | None
    metavar: str | None
    help: str


def whole(least: int, most: int = MOST) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError("is not a whole number") from None
        if not least <= value <= most:
            raise ValueError(f"is not from {least} to {most}")
        return value

    return read


def decimal(text: str) -> float:
    """Read a number from 0 to MOST."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not 0 <= value <= MOST:
        raise ValueError(f"is not a number from 0 to {MOST}")
    return value


def flag(text: str) -> bool:
    """Read a switch as the environment gives it."""
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("", "0", "false", "no", "off"):
        return False
    raise ValueError("is neither 1 nor 0")


def language(text: str) -> str:
    """Read the name of a language."""
    if text not in ("ko", "en", "auto"):
        raise ValueError("is not ko, en or auto")
    return text


OPTIONS = (
    Option("host", str, "0.0.0.0", "ADDRESS", "the address to listen on"),
    Option("port", whole(0, 65535), "8005", "PORT", "the port to listen on; 0 takes a free one"),
    Option(
        "data", Path, str(resources.default_data(BUILT)), "DIR", "the folder of gifchat.db, uploads/ and secret.key"
    ),
    Option("lang", language, "auto", "ko|en|auto", "the language of the pages; auto is the reader's own"),
    Option("rate", decimal, "5", "N", "messages a second per visitor, twice that at once; 0 turns all throttling off"),
    Option("grace", decimal, "2", "SECONDS", "how long a lost member's place and an emptied room are kept"),
    Option(
        "linger", decimal, "900", "SECONDS", "how long a room, and its owner's rights, wait for those who were lost"
    ),
    Option("max-occupancy", whole(2, 1_000_000), "1000", "N", "the largest size a room may ask for"),
    Option("max-rooms", whole(1), "1000", "N", "how many rooms there may be"),
    Option("max-lessons", whole(0), "1000", "N", "how many connections the lessons (/lessons) may have"),
    Option("max-upload", decimal, "5", "MIB", "the largest image, in MiB"),
    Option("quota", decimal, "2048", "MIB", "all images together, in MiB; one room may have a quarter of it"),
    Option("keep-days", whole(0), "0", "N", "records older than so many days are deleted; 0 keeps them"),
    Option("trust-proxy", flag, None, None, "believe a reverse proxy's X-Forwarded-For, -Host and -Proto"),
    Option("tls-cert", Path, None, "FILE", "serve HTTPS with this certificate chain (PEM)"),
    Option("tls-key", Path, None, "FILE", "the private key of --tls-cert (PEM)"),
    Option("open", flag, None, None, "open the browser when the server is ready"),
    Option("debug", flag, None, None, "log every request but the polls of Socket.IO, and every database query"),
)


class Parser(argparse.ArgumentParser):
    """argparse, with its errors as the one line of all our errors."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line."""
        fail(message, status=2)


def fail(message: str, *, status: int) -> NoReturn:
    """End with one line on stderr."""
    print(f"gifchat: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(status)


def variable(name: str) -> str:
    """Return the environment variable of an option."""
    return f"GIFCHAT_{name.replace('-', '_').upper()}"


def read_config(arguments: Sequence[str], *environments: Mapping[str, str]) -> Config:
    """Return the Config; the command line beats `environments`, of which an earlier one beats a later.

    Ends the program on an error and after `--help`.
    """
    parser = Parser(
        prog=Path(sys.argv[0]).name,
        description="An anonymous real-time GIF chat for everyone on this network.",
        epilog="Each option is also an environment variable, or a line of the file .env: --max-rooms is"
        " GIFCHAT_MAX_ROOMS. PORT is GIFCHAT_PORT, too. COOKIE_SECRET signs the cookies instead of secret.key.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gifchat {resources.described(VERSION, BUILT)}")
    for option in OPTIONS:
        if option.metavar is None:
            parser.add_argument(f"--{option.name}", action="store_const", const="1", help=option.help)
        else:
            told = f"{option.help} (default: {option.default})" if option.default else option.help
            parser.add_argument(f"--{option.name}", metavar=option.metavar, help=told.replace("%", "%%"))
    given = vars(parser.parse_args(arguments))
    values: dict[str, object] = {}
    for option in OPTIONS:
        key = option.name.replace("-", "_")
        source, text = f"--{option.name}", given[key]
        if text is None:
            names = (variable(option.name), "PORT") if option.name == "port" else (variable(option.name),)
            found = ((name, environment.get(name)) for environment in environments for name in names)
            source, text = next(((name, value) for name, value in found if value), ("", option.default))
        try:
            values[key] = option.read(text) if text is not None else (False if option.metavar is None else None)
        except ValueError as error:
            fail(f"{source}: '{text}' {error}", status=2)
    secrets_given = (environment.get("COOKIE_SECRET") for environment in environments)
    config = Config(**values, cookie_secret=next(filter(None, secrets_given), None))  # type: ignore[arg-type]  # by OPTIONS
    if (config.tls_cert is None) != (config.tls_key is None):
        fail("--tls-cert and --tls-key go together", status=2)
    return config


def read_dotenv() -> dict[str, str]:
    """Return what the file `.env` of this folder says. Ends the program when a line of it says nothing."""
    path = Path(".env")
    try:
        text = path.read_text("utf-8-sig") if path.exists() and not path.is_dir() else ""
    except (OSError, UnicodeDecodeError) as error:
        fail(f".env cannot be read: {error}", status=2)
    for statement in parse_stream(io.StringIO(text)):
        if statement.error:
            told = statement.original.string
            line = statement.original.line + told[: len(told) - len(told.lstrip())].count("\n")
            fail(f".env, line {line}: NAME=value is expected", status=2)
    return {name: value or "" for name, value in dotenv.dotenv_values(stream=io.StringIO(text)).items()}


def cookie_secret(config: Config) -> str | bytes:
    """Return what cookies are signed with; the file is made at the first start. Raises StartError or OSError."""
    if config.cookie_secret is not None:
        return config.cookie_secret.encode("utf-8", "surrogateescape")  # the environment may hold any bytes
    path = config.data / "secret.key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    try:
        secret = path.read_text("ascii").strip()
    except UnicodeDecodeError:
        secret = ""
    if not secret:
        raise StartError(f"{path} holds no key; delete it to have a new one made")
    return secret


@contextlib.asynccontextmanager
async def serving(config: Config, bounds: Bounds = THE_COURSES) -> AsyncIterator[Running]:
    """Run the server while the context lasts. Raises StartError or OSError.

    `bounds` are the lessons', but for those that `config` tells.
    """
    sockets = listen(config.host, config.port)
    port = sockets[0].getsockname()[1]
    scheme = "https" if config.tls_cert else "http"
    bound = [listening.getsockname()[0] for listening in sockets]
    running = Running(port, partial(addresses, bound, port, scheme))
    try:
        async with contextlib.AsyncExitStack() as stack:
            tls = tls_context(config.tls_cert, config.tls_key)
            config.data.mkdir(parents=True, exist_ok=True)
            stack.enter_context(only_server(config.data))
            secret = cookie_secret(config)
            database = await Database.open(config.data / "gifchat.db", resources.SCHEMA.read_text("utf-8"))
            stack.push_async_callback(database.close)
            writer = Writer(database)
            stack.push_async_callback(writer.close)
            stores = Stores.of(database, writer, Uploads(config.data / "uploads", config.quota * MIB))
            visitors = Visitors(stores.visitors)
            hub = Hub()
            examiner = Examiner(config.images, IMAGE_WORKER)
            service = ChatService(
                Limits(
                    rate=config.rate,
                    grace_s=config.grace,
                    linger_s=config.linger,
                    max_occupancy=config.max_occupancy,
                    max_rooms=config.max_rooms,
                    quota_bytes=int(config.quota * MIB),
                ),
                hub,
                visitors,
                stores,
                examiner=examiner,
                shelf=SHELF,
            )
            try:
                await visitors.start()
                await service.start()
            except DomainError as error:
                raise StartError(f"the database cannot be read: {error.__cause__ or error}") from error
            stack.push_async_callback(service.stop)
            ChatEvents(service, hub)
            lessons = LessonService(
                hub,
                replace(
                    bounds,
                    connections=config.max_lessons,
                    messages_a_second=bounds.messages_a_second if config.rate else 0,
                ),
                service.view,
            )
            engine = Server(acceptor(hub))
            peers = Peers()
            stack.push_async_callback(peers.close)
            examiner.start()
            stack.push_async_callback(examiner.close)
            housekeeping = asyncio.create_task(keep_house(service, visitors, config.keep_days))
            stack.callback(housekeeping.cancel)
            site = Site(
                service=service,
                visitors=visitors,
                lessons=lessons,
                uploads=stores.uploads,
                check_storage=database.check,
                version=VERSION,
                lang=config.lang,
                max_occupancy=config.max_occupancy,
                max_upload_bytes=int(config.max_upload * MIB),
                debug=config.debug,
                hub=hub,
                port=running.port,
                addresses=running.addresses,
            )
            server = WebServer(
                PollsFirst(
                    make_app(site, engine=engine, peers=peers, cookie_secret=secret),
                    engine,
                    trust_proxy=config.trust_proxy,
                ),
                ssl_options=tls,
                xheaders=config.trust_proxy,
                max_body_size=READ_OFF_BYTES,
                body_timeout=BODY_TIMEOUT_S,
                idle_connection_timeout=HEADER_TIMEOUT_S,
            )
            server.add_sockets(sockets)
            stack.push_async_callback(server.close_all_connections)
            stack.callback(engine.close)  # while there are still connections for the polls that wait to be answered on
            stack.push_async_callback(lessons.stop)
            stack.callback(server.stop)
            # What is loaded now stays; a collection need not look at it again, nor run for every 700 new objects.
            gc.collect()
            gc.freeze()
            gc.set_threshold(10_000, 50, 50)
            yield running
    finally:
        for listening in sockets:
            listening.close()


async def keep_house(service: ChatService, visitors: Visitors, keep_days: int) -> None:
    """Every hour, let go of visitors of long ago, and of records older than `keep_days` unless that is 0.

    For as many days after the clock was set, nobody knows how old a record is.
    """
    calendar = Calendar()
    while True:
        with contextlib.suppress(DomainError):
            await visitors.forget()
            if keep_days and calendar.steady_for(keep_days * DAY_MS / 1000):
                await service.expire(calendar.now_ms() - keep_days * DAY_MS)
        await asyncio.sleep(HOUSEKEEPING_EVERY_S)


async def run(config: Config) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    async with contextlib.AsyncExitStack() as stack:
        running = await stack.enter_async_context(serving(config))
        open_here = running.addresses()
        print(f"gifchat {VERSION}", welcome(open_here, code=can_show(sys.stdout)), sep="\n", flush=True)
        if resources.FROZEN:  # else a server that nobody sees would keep the port and the data
            unpacked = asyncio.create_task(resources.unpacker_ends())
            unpacked.add_done_callback(lambda _: stop.set())
            stack.callback(unpacked.cancel)
        if config.open:
            open_browser(open_here[0].url)
        await stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN_S):
                await stack.aclose()


def set_up_logging(*, debug: bool) -> None:
    """Log to stderr: what an operator should know, with `debug` every request and query as well."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    if debug:
        logging.getLogger("gifchat").setLevel(logging.DEBUG)
    else:
        logging.getLogger("tornado.access").setLevel(logging.ERROR)


def event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop, which costs less; on Windows, for which there is none, asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415  it may not be there
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def main(serve: Callable[[Config], Coroutine[object, object, None]] = run) -> None:
    """Run the command line, and the server by `serve`."""
    streams.prepare()
    config = read_config(sys.argv[1:], os.environ, read_dotenv())
    set_up_logging(debug=config.debug)
    allow_connections()
    try:
        with asyncio.Runner(loop_factory=event_loop) as runner:
            runner.run(serve(config))
    except StartError as error:
        fail(str(error), status=1)
    except OSError as error:
        fail(f"{error.filename or config.data}: {error.strerror}", status=1)


if __name__ == "__main__":
    main()
