"""The lobby, and creating a room."""

import re
import zlib
from http import HTTPStatus
from typing import Final, cast

from markupsafe import escape

from handlers import bodies
from handlers.base import COMPRESSED_FROM_BYTES, JSON, BaseHandler
from handlers.listing import Listing
from realtime.chat.policy import RoomForm
from realtime.errors import BadRequest, InvalidRoom, TooFast, TooManyRooms

OFFERED_MAX = 40  # a class; programs that name no size get a smaller room
PAGE_NUMBER: Final = re.compile(r"0{0,9}[1-9][0-9]{0,9}", re.ASCII)


class LobbyHandler(BaseHandler):
    """GET /: every room."""

    _etag: str | None = None

    @property
    def listing(self) -> Listing:
        """The application's lobby."""
        return cast(Listing, self.settings["listing"])

    async def get(self) -> None:
        """Show the rooms of `?page=`, and the error in `?error=` if it is one of our texts; as JSON, all rooms."""
        if self.wants_json:
            await self._answer_json()
        else:
            await self._answer_page(self._page_number())

    def compute_etag(self) -> str | None:
        """Return the tag, which need not be computed of the whole answer."""
        return self._etag

    def _page_number(self) -> int:
        """Return the number of the page. Raises BadRequest."""
        text = self.query("page") or "1"
        if not PAGE_NUMBER.fullmatch(text):
            raise BadRequest
        return int(text)

    async def _answer_json(self) -> None:
        made = await self.listing.json()
        self.set_header("Content-Type", JSON)
        accepted = self.accepts_gzip and len(made.plain) >= COMPRESSED_FROM_BYTES
        self._answer(made.compressed if accepted else made.plain, made.digest, gzip=accepted)

    async def _answer_page(self, number: int) -> None:
        made = await self.listing.page(self.lang, number)
        error = self.pages.own_error_text(self.lang, self.get_query_argument("error", ""))
        reader = {
            **self.reader,
            "user": escape(self.who.user),
            "called": escape(self.called),
            "house": self.house,
            "error": escape(error or ""),
            "places": escape(" ".join(self.site.service.places(self.who))),
        }
        beginning = made.beginning_for(reader)
        self.set_page_headers()
        gzip = self.accepts_gzip
        body = made.ending.compressed_after(beginning) if gzip else beginning + made.ending.plain
        self._answer(body, f"{made.digest}{zlib.crc32(beginning):08x}", gzip=gzip)

    def _answer(self, body: bytes, digest: str, *, gzip: bool) -> None:
        # A strong tag stands for certain bytes (RFC 9110, section 8.8.1), so each encoding has its own.
        self._etag = f'"{digest}-gzip"' if gzip else f'"{digest}"'
        if gzip:
            self.set_header("Content-Encoding", "gzip")
        self.finish(body)


class NewRoomHandler(BaseHandler):
    """GET, POST /room."""

    async def get(self) -> None:
        """Show the form."""
        self._show({})

    async def post(self) -> None:
        """Create a room. Errors are shown in the form, filled in as it was except for the password."""
        values = self.fields()
        try:
            room = await self.site.service.create(self.who, bodies.room(values, RoomForm))
        except (InvalidRoom, TooFast, TooManyRooms) as error:
            if self.wants_json:
                raise
            self._show(values, error)
        else:
            self.set_header("Location", f"/room/{room.id}")
            if self.wants_json:
                self.json(room, HTTPStatus.CREATED)
            else:
                self.redirect(f"/room/{room.id}")

    def _show(self, values: dict[str, object], error: InvalidRoom | TooFast | TooManyRooms | None = None) -> None:
        self.page(
            "new_room.html",
            self.refuse(error) if error else HTTPStatus.OK,
            max_occupancy=self.site.max_occupancy,
            values={
                "title": values.get("title", ""),
                "max": values.get("max", min(OFFERED_MAX, self.site.max_occupancy)),
                "ephemeral": values.get("ephemeral") in bodies.ON,
            },
            again=bool(values.get("password")) and error is not None and error.detail.get("field") != "password",
            error={"message": self.pages.error_text(self.lang, error), "field": error.detail.get("field")}
            if error
            else None,
        )
