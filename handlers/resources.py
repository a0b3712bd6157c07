"""Where the program's own files are, and how it was built.

The layout is the same in the source, the binary and the zipapp (tools/package), so paths are relative to this module.
"""

import asyncio
import functools
import hashlib
import os
import platform
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
CLIENT = ROOT / "node_modules" / "socket.io-client" / "dist"  # installed by npm, never committed
SCHEMA = ROOT / "schema.sql"

MARK = "built.txt"  # holds "binary" or "zipapp"; there is none in the source
FROZEN = hasattr(sys, "frozen")  # PyInstaller's: sys.executable is the binary, and no Python

UNPACKER_EVERY_S = 1.0


def build(root: Path = ROOT) -> str | None:
    """Return "binary" or "zipapp"; None when the source runs."""
    try:
        return (root / MARK).read_text("ascii").strip()
    except FileNotFoundError:
        return None


def default_data(built: str | None) -> Path:
    """Return the default data folder: the program's own, or for a built program one in the current folder."""
    return ROOT if built is None else Path("gifchat-data")


def described(version: str, built: str | None) -> str:
    """Return `version` and how the program was built."""
    if built is None:
        return version
    system = f"{platform.system()} {platform.machine()}"
    return f"{version} ({built}, Python {platform.python_version()}, {system})"


@functools.cache
def fingerprint(folder: Path) -> str:
    """Return a fingerprint of the files in `folder`: 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def unpacker_ends() -> None:
    """Return when the process that unpacked the binary has exited; it forwards all signals except those that kill."""
    unpacker = psutil.Process(os.getppid())
    while unpacker.is_running():
        await asyncio.sleep(UNPACKER_EVERY_S)
