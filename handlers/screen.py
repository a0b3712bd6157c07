"""The projector view of a room: what is said there, for a class to read from the back."""

from typing import Any, Final, cast

import msgspec

from handlers.join import invitation_to
from handlers.lines import Lines
from handlers.room import TURNED_AWAY, ReadingHandler
from lan import qr
from realtime.chat.policy import MAX_HISTORY_LIMIT
from realtime.chat.wire_forms import Record
from realtime.errors import NotAdmitted, TooFast

LINES: Final = 30
"""More than fit on a screen."""

NOBODY: Final = ""
"""To whom no message is their own."""


class ScreenHandler(ReadingHandler):
    """GET /room/ID/screen."""

    redirected = {"GET": TURNED_AWAY | {NotAdmitted, TooFast}}
    page_caching = "no-store"  # what was said there

    async def get(self, room_id: str) -> None:
        """Show the room's latest records to whom may read them, without what others in the class may not."""
        service = self.site.service
        async with self.turn():
            page = await service.history.page(self.who, room_id, None, MAX_HISTORY_LIMIT)
            room = service.view(room_id)
            invitation = invitation_to(room, self)
            values: dict[str, Any] = {
                "room": msgspec.to_builtins(room),
                "lines": cast(Lines, self.settings["lines"]).draw(
                    self.lang, [_told_to_all(record) for record in page.chats if _is_shown(record)][-LINES:], NOBODY
                ),
                "seq": page.seq,
                "epoch": service.epoch,
                "place": invitation.origin.partition("//")[2],
                "code": None if invitation.local else qr.image(invitation.url),
            }
            self.page("screen.html", **values)


def _is_shown(record: Record) -> bool:
    """Return whether everybody may see a record and wants to; static/js/screen.js decides it alike."""
    return record.to is None and record.event not in ("join", "exit")


def _told_to_all(record: Record) -> Record:
    """Return a record without what only its reader is told: which reactions are theirs, and their nonce."""
    return msgspec.structs.replace(record, mine=None, nonce=None)
