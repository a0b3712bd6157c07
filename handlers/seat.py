"""A visitor's seat: the page behind a card's QR code, and one where the code can be typed."""

import urllib.parse

from handlers.base import BaseHandler
from realtime.chat.desk.seats import Seats
from realtime.errors import DomainError, NotFound


class SeatingHandler(BaseHandler):
    """A handler of seats, which are there only with a desk."""

    page_caching = "no-store"  # whose seat it is, which only the card says

    async def prepare(self) -> None:
        """Raise NotFound without a desk."""
        if self.site.seats is None:
            raise NotFound
        await super().prepare()

    @property
    def seats(self) -> Seats:
        """The seats."""
        assert self.site.seats is not None
        return self.site.seats


class SeatHandler(SeatingHandler):
    """GET, POST /seat/CODE."""

    async def get(self, code: str) -> None:
        """Say which seat this is, and what taking it will do."""
        seats = self.seats
        seat = seats.find(self.who, code)
        holder, before = seats.holder(seat), seats.label_of(self.who.id)
        yours = holder is not None and holder.id == self.who.id
        if self.wants_json:
            self.json({"seat": seat.label, "taken": holder is not None, "yours": yours})
        else:
            self.page(
                "seat.html",
                code=code,
                label=seat.label,
                yours=yours,
                taken=holder is not None and not yours,
                before=None if yours else before,
            )

    async def post(self, code: str) -> None:
        """Take the seat."""
        self.seats.find(self.who, code)  # who only guesses is not stored
        await self.site.service.store(self.who)
        seat = await self.seats.take(self.who, code)
        if self.wants_json:
            self.json({"seat": seat.label})
        else:
            self.redirect("/")

    def error_page(self, error: DomainError, status: int) -> None:
        """Offer to type the code again if there is no such seat."""
        if isinstance(error, NotFound) and self.site.seats is not None:
            self.page("seat_code.html", status, unknown=True)
        else:
            super().error_page(error, status)


class SeatCodeHandler(SeatingHandler):
    """GET /seat: a field for the code."""

    async def get(self) -> None:
        """Go to the page of the code in `?code=`, if any."""
        code = self.query("code")
        if code:
            self.redirect(f"/seat/{urllib.parse.quote(code, safe='')}")
        else:
            self.page("seat_code.html")
