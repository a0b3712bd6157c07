"""The lines of a room's page."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from handlers.made import Brief
from handlers.pages import Language, Pages
from realtime.chat.wire_forms import Record

MOST: Final = 2000


class Lines:
    """Draws records as lines, by templates/partials/message.html.

    A line is kept for some seconds, because a class opens its room all at once; no longer, so that deleted text is
    gone.
    """

    def __init__(self, pages: Pages, clock: Callable[[], float] = time.monotonic) -> None:
        self._pages = pages
        self._kept: Brief[tuple[Language, str, bytes], str] = Brief(MOST, clock)

    def draw(self, lang: Language, records: Sequence[Record], me: str) -> list[str]:
        """Return the lines of `records` as `me` sees them."""
        return [self._line(lang, record, me) for record in records]

    def _line(self, lang: Language, record: Record, me: str) -> str:
        # To all who neither said it nor may have reacted to it, it is the same.
        reader = me if record.user == me or record.reactions else ""
        key = (lang, reader, msgspec.json.encode(record))
        line = self._kept.get(key)
        if line is None:
            macro = self._pages.macro("partials/message.html", lang, "message")
            line = self._kept.keep(key, macro(msgspec.to_builtins(record), reader))
        return line
