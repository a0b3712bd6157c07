"""A room: its page, entering it, its history, and its owner's changes."""

import re
from typing import Any, cast

import msgspec

from handlers import bodies
from handlers.base import BaseHandler
from handlers.lines import Lines
from handlers.openings import HOLES, Openings, RoomState
from realtime.address import network_of
from realtime.chat.policy import HISTORY_LIMIT, MAX_HISTORY_LIMIT, RoomPatch
from realtime.chat.turns import Turn
from realtime.errors import BadRequest, Banned, Kicked, NoSuchRoom, RoomFull, SeatNeeded, TooFast, WrongPassword

NUMBER = re.compile(r"[0-9]+", re.ASCII)
NUMBER_DIGITS = 18  # longer numbers exceed SQLite's integers

TURNED_AWAY = frozenset({NoSuchRoom, WrongPassword, RoomFull, Kicked, Banned, SeatNeeded})


class ReadingHandler(BaseHandler):
    """A handler that reads much of what is stored, which takes turns."""

    _turn: Turn | None = None

    def turn(self) -> Turn:
        """Return a turn for this request; with it, read and answer. Raises TooFast."""
        self._turn = self.site.service.history.turns.ask(network_of(self.address), self.who.id)
        return self._turn

    def on_connection_close(self) -> None:
        """Stop what nobody waits for."""
        super().on_connection_close()
        if self._turn is not None:
            self._turn.leave()


class RoomHandler(ReadingHandler):
    """GET, PATCH, DELETE /room/ID."""

    redirected = {"GET": TURNED_AWAY | {TooFast}}
    page_caching = "no-store"  # what was said there; and who goes back to it has left, and must enter again

    @property
    def lines(self) -> Lines:
        """The application's lines."""
        return cast(Lines, self.settings["lines"])

    @property
    def openings(self) -> Openings:
        """The application's pages for newcomers."""
        return cast(Openings, self.settings["openings"])

    async def get(self, room_id: str) -> None:
        """Let the visitor in and show the room with its latest records.

        A password in the URL is how the course does it; a redirect removes it from the address.
        """
        password = self.query("password")
        room = await self.site.service.admit(self.who, self.address, room_id, password or None)
        if password is not None:
            self.redirect(f"/room/{room.id}")
            return
        service = self.site.service
        shared = None
        if not self.wants_json and self.site.visitors.newcomer(self.who) is not None and not self.site.debug:
            shared = self.openings.get(self.lang, RoomState(service.view(room_id), service.position(room_id)))
        if shared is not None:
            self.shared_page(shared, {"user": self.who.user, "house": self.house})
        else:
            async with self.turn():
                await self._show(room_id)

    async def _show(self, room_id: str) -> None:
        page = await self.site.service.history.page(self.who, room_id, None, HISTORY_LIMIT)
        room = self.site.service.view(room_id)
        if self.wants_json:
            self.json(
                {
                    "room": room,
                    "chats": page.chats,
                    "more": page.more,
                    "seq": page.seq,
                    "epoch": self.site.service.epoch,
                }
            )
            return
        values: dict[str, Any] = {
            "room": msgspec.to_builtins(room),
            "lines": self.lines.draw(self.lang, page.chats, self.who.user),
            "more": page.more,
            "seq": page.seq,
            "epoch": self.site.service.epoch,
            "kicked": self.site.service.owner.kicked(self.who, room_id) if room.owner == self.who.user else [],
            "max_upload": self.site.max_upload_bytes,
        }
        if self.site.visitors.newcomer(self.who) is not None:
            shared = self.pages.shared("room.html", self.lang, HOLES, **values)
            self.openings.keep(self.lang, RoomState(room, page.seq), shared)
            self.shared_page(shared, {"user": self.who.user, "house": self.house})
        else:
            self.page("room.html", **values)

    async def patch(self, room_id: str) -> None:
        """Change the title, the size or the password."""
        patch = bodies.room(self.fields(), RoomPatch)
        self.json(await self.site.service.owner.change(self.who, room_id, patch))

    async def delete(self, room_id: str) -> None:
        """Delete the room and everything in it."""
        await self.site.service.owner.delete(self.who, room_id)
        self.done({"ok": True})


class KickedHandler(BaseHandler):
    """GET /room/ID/kicked."""

    async def get(self, room_id: str) -> None:
        """Return who was kicked and not readmitted."""
        self.json({"kicked": self.site.service.owner.kicked(self.who, room_id)})


class EnterHandler(BaseHandler):
    """POST /room/ID/enter: with the password in the body, so that no log or browser history records it."""

    redirected = {"POST": TURNED_AWAY}

    async def post(self, room_id: str) -> None:
        """Let the visitor in."""
        password = bodies.text(self.fields(), "password")
        room = await self.site.service.admit(self.who, self.address, room_id, password or None)
        self.redirect(f"/room/{room.id}")


class RecordsHandler(ReadingHandler):
    """A handler that reads a range of records, given by `before` and `limit`."""

    def stretch(self) -> tuple[int | None, int]:
        """Return the seq before which to read, if any, and the maximum number of records. Raises BadRequest."""
        before = self._number("before")
        limit = self._number("limit")
        if limit == 0:
            raise BadRequest
        return before, min(limit or HISTORY_LIMIT, MAX_HISTORY_LIMIT)

    def _number(self, name: str) -> int | None:
        text = self.get_query_argument(name, None)
        if text is None:
            return None
        if not NUMBER.fullmatch(text):
            raise BadRequest
        return int(text) if len(text) <= NUMBER_DIGITS else 10**NUMBER_DIGITS


class HistoryHandler(RecordsHandler):
    """GET /room/ID/chats."""

    async def get(self, room_id: str) -> None:
        """Return the records before seq `before`, or the latest."""
        stretch = self.stretch()
        async with self.turn():
            page = await self.site.service.history.page(self.who, room_id, *stretch)
            self.json({"chats": page.chats, "more": page.more})


class GifsHandler(BaseHandler):
    """GET /room/ID/gifs."""

    async def get(self, room_id: str) -> None:
        """Return the images that can be sent again: this room's latest, and the visitor's own."""
        self.json(await self.site.service.gallery.gifs(self.who, room_id))


class SearchHandler(RecordsHandler):
    """GET /room/ID/search."""

    async def get(self, room_id: str) -> None:
        """Return records that contain `q`; while there may be more, `next` is the `before` to continue with."""
        text, stretch = self.query("q") or "", self.stretch()
        async with self.turn() as turn:
            found, following = await self.site.service.history.search(
                self.who, room_id, text, *stretch, wanted=lambda: not turn.left
            )
            answer = {"chats": found, "more": following is not None}
            self.json(answer if following is None else {**answer, "next": following})
