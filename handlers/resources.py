"""Where the program's own files are, and how it was built.

The layout is the same in the source, the binary and the zipapp (tools/package), so paths are relative to this module.
"""

import asyncio
import functools
import hashlib
import json
import logging
import os
import platform
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"
CLIENT = ROOT / "node_modules" / "socket.io-client" / "dist"  # installed by npm, never committed
HIGHLIGHTER = ROOT / "node_modules" / "@highlightjs" / "cdn-assets" / "es"  # for pages without a bundle
SCHEMA = ROOT / "schema.sql"

log = logging.getLogger("gifchat")

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
def fingerprint(folder: Path, *parts: str) -> str:
    """Return a fingerprint of the files in `folder`, or in these subfolders: 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts or ("",):
        files = {path.relative_to(folder).as_posix(): path for path in (folder / part).rglob("*") if path.is_file()}
        for name in sorted(files):
            content = files[name].read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:12]


def bundled(static: Path = STATIC) -> dict[str, str]:
    """Return the bundle's files by the source they replace, both as names in `static`.

    Empty if there is no bundle or it is outdated; pages then load the modules themselves.
    """
    try:
        manifest = json.loads((static / "bundle" / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    if manifest["sources"] != fingerprint(static, "css", "js"):
        log.info("static/bundle is older than its sources and is not used; 'make setup' rebuilds it")
        return {}
    files: dict[str, str] = manifest["files"]
    return files


async def unpacker_ends() -> None:
    """Return when the process that unpacked the binary has exited; it forwards all signals except those that kill."""
    unpacker = psutil.Process(os.getppid())
    while unpacker.is_running():
        await asyncio.sleep(UNPACKER_EVERY_S)
