"""What may be set: the options of the command line, of the environment and of `.env`, read into the Config."""

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
from realtime.chat.images.model import ImageLimits

VERSION = "0.1.0"
BUILT = resources.build()
MOST = 1_000_000_000  # of any option: more than anybody needs, and in any unit still a number for SQLite and timers


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
    Option(
        "debug",
        flag,
        None,
        None,
        "log every request but the polls of Socket.IO, every packet and why each connection ended (of people's words"
        " only the length), and every database query",
    ),
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
