"""The project's files that the program needs at run time, besides its modules."""

import re
from collections.abc import Iterator
from pathlib import Path

from handlers.lessons.programs import SERVER
from handlers.resources import CLIENT, ROOT, SCHEMA, STATIC, TEMPLATES
from handlers.routes import CLIENT_NAMES

BUILD = ROOT / "build"
DIST = ROOT / "dist"
LICENCES = "THIRD-PARTY.txt"


def files() -> Iterator[Path]:
    """Yield them; in the built file they have the same paths as under ROOT."""
    for folder in (STATIC, TEMPLATES):
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file())
    client = [path for path in sorted(CLIENT.iterdir()) if re.fullmatch(CLIENT_NAMES, path.name)]
    if not client:
        raise FileNotFoundError(f"{CLIENT} holds no Socket.IO client; 'make setup' installs it")
    yield from client
    yield SCHEMA
    yield ROOT / "LICENSE"
    yield from sorted({ROOT / file for file, _ in SERVER.values()})  # the lessons show their own source


def modules() -> Iterator[Path]:
    """Yield the source of every module."""
    yield from sorted(ROOT.glob("*.py"))
    for package in ("db", "handlers", "lan", "realtime", "terminal"):
        yield from sorted((ROOT / package).rglob("*.py"))
