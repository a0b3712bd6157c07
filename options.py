"""Options from the command line, the environment and `.env`, read into a Config."""

import argparse
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

import dotenv
from dotenv.parser import parse_stream

from handlers import resources
from lan.names import read_names
from realtime.chat.images.model import ImageLimits

VERSION = "0.1.0"
BUILT = resources.build()
NO_DESK = "off"
MAXIMUM = 1_000_000_000  # of any option; in any unit still within range for SQLite and timers


@dataclass(frozen=True)
class Config:
    """The value of every option."""

    host: str
    port: int
    data: Path
    lang: Literal["ko", "en", "auto"]
    rate: float
    per_address: int
    grace: float
    linger: float
    max_occupancy: int
    max_rooms: int
    max_lessons: int
    max_connections: int | None
    max_buffer: int
    max_upload: float
    quota: float
    keep_days: int
    name: tuple[str, ...] | None
    trust_proxy: bool
    tls_cert: Path | None
    tls_key: Path | None
    open: bool
    metrics_open: bool
    log_format: Literal["text", "json"]
    debug: bool
    word_list: Path | None = None
    rooms: Path | None = None
    desk_token: str | None = None
    cookie_secret: str | None = None
    images: ImageLimits = ImageLimits()
    imports: Path | None = None
    """The saved conversation to import instead of serving."""


class Option(NamedTuple):
    """One option: its name on the command line, its parser, its default as text, and its help."""

    name: str
    read: Callable[[str], object]
    default: str | None
    metavar: str | None
    help: str
    repeated: bool = False
    """Whether it may be given several times; the values are then read as one text, with commas between them."""


def whole(minimum: int, maximum: int = MAXIMUM) -> Callable[[str], int]:
    """Return a parser for integers from `minimum` to `maximum`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ValueError("is not a whole number") from None
        if not minimum <= value <= maximum:
            raise ValueError(f"is not between {minimum} and {maximum}")
        return value

    return read


def decimal(text: str) -> float:
    """Parse a number from 0 to MAXIMUM."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is not a number") from None
    if not 0 <= value <= MAXIMUM:
        raise ValueError(f"is not between 0 and {MAXIMUM}")
    return value


def flag(text: str) -> bool:
    """Parse a switch from the environment."""
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("", "0", "false", "no", "off"):
        return False
    raise ValueError("is neither 1 nor 0")


def language(text: str) -> str:
    """Parse a language."""
    if text not in ("ko", "en", "auto"):
        raise ValueError("is not ko, en or auto")
    return text


def log_format(text: str) -> str:
    """Parse a log format."""
    if text not in ("text", "json"):
        raise ValueError("is neither text nor json")
    return text


def desk_token(text: str) -> str:
    """Parse the desk's token, or `off`."""
    if not text.strip():
        raise ValueError("is empty")
    return NO_DESK if text.strip().lower() == NO_DESK else text.strip()


OPTIONS = (
    Option("host", str, "0.0.0.0", "ADDRESS", "the address to listen on"),
    Option("port", whole(0, 65535), "8005", "PORT", "the port to listen on; 0 picks a free one"),
    Option(
        "data",
        Path,
        str(resources.default_data(BUILT)),
        "DIR",
        "the folder of gifchat.db, uploads/, secret.key and desk.key",
    ),
    Option("lang", language, "auto", "ko|en|auto", "the language of the pages; auto uses the browser's"),
    Option("rate", decimal, "5", "N", "messages per second per visitor, bursts of twice that; 0 turns off rate limits"),
    Option(
        "per-address",
        whole(0),
        "100",
        "N",
        "how many people to expect behind one address, as a router's: what all of them may do; 0 lifts these limits",
    ),
    Option("grace", decimal, "2", "SECONDS", "how long a disconnected member's place and an empty room are kept"),
    Option(
        "linger",
        decimal,
        "900",
        "SECONDS",
        "how long a room and its ownership are kept for members who lost the network",
    ),
    Option("max-occupancy", whole(2, 1_000_000), "1000", "N", "the largest size limit a room can have"),
    Option("max-rooms", whole(1), "1000", "N", "the maximum number of rooms"),
    Option("max-lessons", whole(0), "1000", "N", "the maximum number of connections to the lessons (/lessons)"),
    Option(
        "max-connections",
        whole(4),
        None,
        "N",
        "the maximum number of connections, a fourth of which one address does not get (default: the limit of open"
        " files, less 100)",
    ),
    Option("max-buffer", whole(1), "256", "MIB", "the maximum of what waits in memory for all connections, in MiB"),
    Option("max-upload", decimal, "5", "MIB", "the maximum size of an image, in MiB"),
    Option("quota", decimal, "2048", "MIB", "the maximum size of all images, in MiB; a room can use a quarter of it"),
    Option("keep-days", whole(0), "0", "N", "delete records older than this many days; 0 keeps them"),
    Option(
        "desk-token",
        desk_token,
        None,
        "TOKEN|off",
        "the secret that opens the teacher's desk, at /desk?token=TOKEN; off: no desk (default: the one in desk.key,"
        " which is made at the first start)",
    ),
    Option(
        "name",
        read_names,
        None,
        "NAME",
        "answer to this host name, too; may be repeated. Addresses, this machine's name, names without a dot and names"
        " that end in .local, .lan, .home.arpa or .internal need none",
        repeated=True,
    ),
    Option(
        "word-list",
        Path,
        None,
        "FILE",
        "hold messages with a word of this file, UTF-8 and one a line, until the teacher shows them; a file that has"
        " changed replaces the list of the teacher's desk",
    ),
    Option(
        "rooms",
        Path,
        None,
        "FILE",
        "prepare these rooms, which stay when they are empty and come first in the lobby: one title a line, UTF-8, or"
        " TITLE | MAX; one that is there already is not made again",
    ),
    Option("trust-proxy", flag, None, None, "trust a reverse proxy's X-Forwarded-For, -Host and -Proto"),
    Option("tls-cert", Path, None, "FILE", "serve HTTPS with this certificate chain (PEM)"),
    Option("tls-key", Path, None, "FILE", "the private key of --tls-cert (PEM)"),
    Option("open", flag, None, None, "open a browser when the server is ready"),
    Option("metrics-open", flag, None, None, "let other machines read /metrics, too"),
    Option("log-format", log_format, "text", "text|json", "the form of the log's lines"),
    Option(
        "debug",
        flag,
        None,
        None,
        "log every request except Socket.IO polls, every packet (only the length of what people write), why each"
        " connection ended, and every database query",
    ),
)


IMPORT = "import"
"""The command that imports a saved conversation; without one, the server is started."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that reports errors in one line, like all errors of this program."""

    def error(self, message: str) -> NoReturn:
        """Report an invalid command line and exit."""
        fail(message, status=2)


def fail(message: str, *, status: int) -> NoReturn:
    """Exit with one line on stderr."""
    print(f"gifchat: {' '.join(message.split())}", file=sys.stderr)
    raise SystemExit(status)


def variable(name: str) -> str:
    """Return the environment variable of an option."""
    return f"GIFCHAT_{name.replace('-', '_').upper()}"


def read_config(arguments: Sequence[str], *environments: Mapping[str, str]) -> Config:
    """Return the Config. The command line overrides `environments`; an earlier one overrides a later one.

    Exits on an error and after `--help`.
    """
    importing = list(arguments[:1]) == [IMPORT]
    parser = Parser(
        prog=f"{Path(sys.argv[0]).name}{f' {IMPORT}' if importing else ''}",
        description="Anonymous real-time GIF chat for everyone on this network.",
        epilog="Each option can also be set as an environment variable or as a line of .env: --max-rooms is"
        " GIFCHAT_MAX_ROOMS. PORT is the same as GIFCHAT_PORT. COOKIE_SECRET replaces secret.key for signing cookies.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gifchat {resources.described(VERSION, BUILT)}")
    for option in OPTIONS:
        if option.metavar is None:
            parser.add_argument(f"--{option.name}", action="store_const", const="1", help=option.help)
        else:
            help_text = f"{option.help} (default: {option.default})" if option.default else option.help
            action = "append" if option.repeated else "store"
            parser.add_argument(
                f"--{option.name}", action=action, metavar=option.metavar, help=help_text.replace("%", "%%")
            )
    if importing:
        parser.add_argument("file", metavar="FILE", type=Path, help="a saved conversation (JSON Lines)")
    given = vars(parser.parse_args(arguments[1:] if importing else arguments))
    values: dict[str, object] = {}
    for option in OPTIONS:
        key = option.name.replace("-", "_")
        source, text = f"--{option.name}", given[key]
        if isinstance(text, list):
            text = ",".join(text)
        if text is None:
            names = (variable(option.name), "PORT") if option.name == "port" else (variable(option.name),)
            found = ((name, environment.get(name)) for environment in environments for name in names)
            source, text = next(((name, value) for name, value in found if value), ("", option.default))
        try:
            values[key] = option.read(text) if text is not None else (False if option.metavar is None else None)
        except ValueError as error:
            fail(f"{source}: '{text}' {error}", status=2)
    secrets_given = (environment.get("COOKIE_SECRET") for environment in environments)
    values["imports"] = given.get("file")
    config = Config(**values, cookie_secret=next(filter(None, secrets_given), None))  # type: ignore[arg-type]  # by OPTIONS
    if (config.tls_cert is None) != (config.tls_key is None):
        fail("--tls-cert and --tls-key must be used together", status=2)
    return config


def read_dotenv() -> dict[str, str]:
    """Return the variables in this folder's `.env`. Exits on an invalid line."""
    path = Path(".env")
    try:
        text = path.read_text("utf-8-sig") if path.exists() and not path.is_dir() else ""
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read .env: {error}", status=2)
    for statement in parse_stream(io.StringIO(text)):
        if statement.error:
            original = statement.original.string
            line = statement.original.line + original[: len(original) - len(original.lstrip())].count("\n")
            fail(f".env, line {line}: expected NAME=value", status=2)
    return {name: value or "" for name, value in dotenv.dotenv_values(stream=io.StringIO(text)).items()}
