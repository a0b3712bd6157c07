"""GET …/export.html and export.jsonl: a conversation as a file, sent as fast as it is read."""

import asyncio
import logging
import re
import time
import unicodedata
import urllib.parse
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import Final

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError

from handlers.base import BaseHandler
from handlers.export import data
from handlers.export.moments import Moments
from handlers.export.page import SavedPage
from handlers.export.people import NAMES, Called
from realtime.address import network_of
from realtime.chat.export import Conversation
from realtime.chat.turns import Turns
from realtime.errors import BadRequest, DomainError

log = logging.getLogger("gifchat.http")

PIECE_BYTES: Final = 64 * 1024
SLICE_S: Final = 0.003
"""So long pieces are made before others have their turn."""
TITLE_LENGTH: Final = 50
_UNSAFE: Final = re.compile(r"[^\w .,()&+-]+")
"""What some system does not have in file names, or what would lead elsewhere."""


class ExportHandler(BaseHandler):
    """Sends a conversation. It waits for its reader after each piece, so that little of it is in memory."""

    extension: str
    content_type: str

    @abstractmethod
    def pieces(self, conversation: Conversation, names: Called) -> AsyncIterator[bytes]:
        """Yield the file."""

    def conversation(self, room_id: str, *, names: bool) -> Conversation:
        """Return what is asked for, if its reader may have it."""
        return self.site.service.exports.of_owner(self.who, room_id, names=names)

    @property
    def turns(self) -> Turns:
        """The turns of whoever asks."""
        return self.site.service.exports.turns

    async def get(self, room_id: str) -> None:
        """Send the file."""
        names = self._names()
        conversation = self.conversation(room_id, names=names == "shown")
        title = conversation.room.title
        async with self.turns.ask(network_of(self.address), self.who.id):
            pieces = self.pieces(conversation, names)
            async with self.site.service.exports.making:
                waiting = bytearray(await anext(pieces))
            self.set_header("Content-Type", self.content_type)
            self.set_header("Content-Disposition", attachment(title, self.extension))
            self.set_header("Content-Security-Policy", "sandbox; default-src 'none'; img-src data:")
            if self.request.method == "HEAD":
                return
            begun = False
            try:
                while await self._make(waiting, pieces):
                    if len(waiting) >= PIECE_BYTES:
                        await self._send_piece(waiting)
                        begun = True
                    else:
                        await asyncio.sleep(0)  # others first
                await self._send_piece(waiting)
            except StreamClosedError:
                pass  # its reader is gone
            except Exception as error:
                if not begun:
                    raise
                # No error can be told any more. Ended properly, the file would look complete.
                if not isinstance(error, DomainError):
                    log.error("%s", self.request.path, exc_info=error)
                assert isinstance(self.request.connection, HTTP1Connection)
                self.request.connection.stream.close()

    async def _make(self, waiting: bytearray, pieces: AsyncIterator[bytes]) -> bool:
        """Add what can be made in a short time; return whether there may be more."""
        async with self.site.service.exports.making:
            since = time.perf_counter()
            async for piece in pieces:
                waiting += piece
                if len(waiting) >= PIECE_BYTES or time.perf_counter() - since > SLICE_S:
                    return True
        return False

    async def _send_piece(self, waiting: bytearray) -> None:
        self.write(bytes(waiting))
        waiting.clear()
        await self.flush()

    def _names(self) -> Called:
        asked = self.query("names") or "shown"
        names = next((one for one in NAMES if one == asked), None)
        if names is None:
            raise BadRequest
        return names


class PageExportHandler(ExportHandler):
    """GET …/export.html."""

    extension = "html"
    content_type = "text/html; charset=utf-8"

    def pieces(self, conversation: Conversation, names: Called) -> AsyncIterator[bytes]:
        """Yield the page, in the reader's language and the server's time zone."""
        thumbnail = self.site.service.exports.thumbnail
        page = SavedPage(self.pages, self.lang, names, self.site.images.folder, Moments(self.lang), thumbnail=thumbnail)
        return page.write(conversation)


class DataExportHandler(ExportHandler):
    """GET …/export.jsonl."""

    extension = "jsonl"
    content_type = "application/x-ndjson; charset=utf-8"

    def pieces(self, conversation: Conversation, names: Called) -> AsyncIterator[bytes]:
        """Yield the lines. A person is their colour there, so that `numbers` cannot be asked for."""
        if names == "numbers":
            raise BadRequest
        return data.write(conversation, self.site.images.folder)


def attachment(title: str, extension: str) -> str:
    """Return a Content-Disposition with a file name made of a room's title (RFC 6266, RFC 8187)."""
    name = _UNSAFE.sub(" ", unicodedata.normalize("NFC", title))
    name = " ".join(name.split())[:TITLE_LENGTH].strip(" .") or "gifchat"
    plain = name if name.isascii() else "gifchat"
    return f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{urllib.parse.quote(name)}.{extension}"
