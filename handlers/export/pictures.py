"""The images of a saved conversation, as data URLs: read and encoded piece by piece, beside the event loop."""

import asyncio
import base64
import contextlib
import os
from collections.abc import AsyncIterator
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from markupsafe import escape

from handlers.files import content_type
from realtime.chat.wire_forms import Record

MIB: Final = 1024 * 1024
EMBEDDED_BYTES: Final = 100 * MIB
"""Of images in one file: 140 MB of text. Of a larger page, phones show nothing."""
AGAIN_BYTES: Final = 256 * 1024
"""An image up to this size is in the file each time it was sent, a larger one once."""
THUMB_BYTES: Final = 48 * 1024
"""A still image up to this size is in the index as it is."""
PIECE_BYTES: Final = 3 * 64 * 1024  # 3 bytes are 4 characters


class Shown(NamedTuple):
    """An image in the file: its number, where it was first sent, by whom, and how often."""

    number: int
    gif: str
    poster: str | None
    seq: int
    user: str
    created_at: str
    width: int
    height: int
    times: int = 1


class Embedding:
    """The images shown so far, and how much more may be in the file."""

    def __init__(self, folder: Path, most_bytes: int = EMBEDDED_BYTES) -> None:
        self._folder = folder
        self._left_bytes = most_bytes
        self._shown: dict[str, Shown] = {}

    @property
    def shown(self) -> list[Shown]:
        """Each image once, in the order of their first places."""
        return list(self._shown.values())

    def show(self, record: Record) -> Shown:
        """Note one more place of an image."""
        assert record.gif is not None
        known = self._shown.get(record.gif)
        if known is None:
            known = Shown(
                len(self._shown) + 1,
                record.gif,
                record.poster,
                record.seq,
                record.user,
                record.created_at,
                record.width or 0,
                record.height or 0,
                times=0,
            )
        self._shown[record.gif] = shown = known._replace(times=known.times + 1)
        return shown

    async def open(self, name: str) -> BufferedReader | None:
        """Open an image's file; None if it was deleted meanwhile."""
        return await opened(self._folder / name)

    def take(self, file: BufferedReader, shown: Shown) -> bool:
        """Return whether the whole image gets into the file here, and count it."""
        size = size_of(file)
        if size > self._left_bytes or (shown.times > 1 and size > AGAIN_BYTES):
            return False
        self._left_bytes -= size
        return True


def size_of(file: BinaryIO) -> int:
    """Return the size of a file in bytes."""
    return os.fstat(file.fileno()).st_size


async def opened(path: Path) -> BufferedReader | None:
    """Open an image's file; None if it was deleted meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        return await asyncio.to_thread(path.open, "rb")
    return None


async def encoded(file: BinaryIO) -> AsyncIterator[bytes]:
    """Yield a file in base64, and close it."""
    with file:
        while piece := await asyncio.to_thread(_read, file):
            yield piece


async def picture(file: BinaryIO, name: str, shown: Shown, kind: str, alt: str) -> AsyncIterator[bytes]:
    """Yield an `<img>` of a file, which is closed then."""
    size = f' width="{shown.width}" height="{shown.height}"' if shown.width and shown.height else ""
    kind = f' class="{kind}"' if kind else ""
    head = (
        f'<img{kind} alt="{escape(alt)}"{size} loading="lazy" decoding="async" src="data:{content_type(name)};base64,'
    )
    yield head.encode()
    async for piece in encoded(file):
        yield piece
    yield b'">\n'


def _read(file: BinaryIO) -> bytes:
    return base64.b64encode(file.read(PIECE_BYTES))
