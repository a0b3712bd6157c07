"""The sheets of seat cards, and the forms that make them."""

import asyncio
import itertools
import math
import unicodedata
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from handlers import bodies
from handlers.join import LONGEST_HOST
from handlers.seat import SeatingHandler
from lan import qr
from lan.addresses import Address
from lan.names import is_trustworthy
from realtime.chat.desk.cards import Card, spelled
from realtime.errors import BadRequest

USUAL_COUNT: Final = 30
SIZES: Final = {"large": 8, "medium": 18, "small": math.inf}


class CardsForm(msgspec.Struct, frozen=True):
    """How many cards there are to be, and their labels, one a line of a text."""

    count: int = 0
    labels: list[str] | str = ""

    def each(self) -> list[str]:
        """Return the labels."""
        return self.labels.splitlines() if isinstance(self.labels, str) else self.labels


def cards_form(values: Mapping[str, object]) -> CardsForm:
    """Return the form in a body. Raises BadRequest."""
    try:  # a form's number is text; an empty field is none
        return msgspec.convert({name: value for name, value in values.items() if value != ""}, CardsForm, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(field="count") from error


class Printed(NamedTuple):
    """A card as it is printed: the address that its picture says, and in words."""

    label: str
    size: str
    url: str
    address: str
    spelled: str
    picture: str


class SeatsHandler(SeatingHandler):
    """GET, POST /desk/seats."""

    compresses = False  # a megabyte of pictures, for one reader beside the server

    async def get(self) -> None:
        """Show the sheets, with the address of `?url=` on them if that is one of ours."""
        if self.wants_json:
            self._answer()
        else:
            await self._show()

    async def post(self) -> None:
        """Make the cards. An error is shown in the form, filled in as it was."""
        values = self.fields()
        try:
            form = cards_form(values)
            await self.seats.arrange(self.who, form.count, form.each())
        except BadRequest as error:
            if self.wants_json:
                raise
            await self._show(error, values)
        else:
            self._answer() if self.wants_json else self.redirect("/desk/seats")

    def _answer(self) -> None:
        origin = self._offered()[0].url
        cards = self.seats.cards()
        self.json({"seats": [{"seat": card.label, "url": f"{origin}/seat/{card.code}"} for card in cards]})

    async def _show(self, error: BadRequest | None = None, values: Mapping[str, object] = {}) -> None:
        seats = self.seats
        cards, offered = seats.cards(), self._offered()
        wanted = self.get_query_argument("url", "")
        shown = next((one for one in offered if one.url == wanted), offered[0])
        self.page(
            "desk/seats.html",
            self.refuse(error) if error else HTTPStatus.OK,
            cards=[await printed(shown.url, card) for card in cards],
            addresses=offered,
            shown=shown,
            taken=seats.taken(),
            count=values.get("count", len(cards) or USUAL_COUNT),
            labels=values.get("labels", "\n".join(given(cards))),
            wrong=error.detail.get("field") if error else None,
        )

    def _offered(self) -> Sequence[Address]:
        """Return where others open this server: first where the teacher came by, if others can."""
        host, addresses = self.request.host, self.site.addresses()
        here = f"{self.request.protocol}://{host}"
        if is_trustworthy(host) or len(host) > LONGEST_HOST or any(one.url == here for one in addresses):
            return addresses
        return [Address(here, "", local=False), *addresses]


class RenewHandler(SeatingHandler):
    """POST /desk/seats/renew."""

    async def post(self) -> None:
        """Make new codes: for the card `seat`, or for all; with `free`, nobody has these seats any more."""
        values = self.fields()
        free = values.get("free") in bodies.ON
        await self.seats.renew(self.who, bodies.text(values, "seat") or None, free=free)
        self.done({"ok": True}) if self.wants_json else self.redirect("/desk/seats")


def given(cards: Sequence[Card]) -> list[str]:
    """Return the labels up to the last that is not just the card's number."""
    labels = [card.label for card in cards]
    numbers = itertools.count(len(labels), -1)
    while labels and labels[-1] == str(next(numbers)):
        labels.pop()
    return labels


def size_of(label: str) -> str:
    """Return how large a label is printed, by its width: a Korean letter is about two Latin ones wide."""
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in label)
    return next(size for size, most in SIZES.items() if width <= most)


async def printed(origin: str, card: Card) -> Printed:
    """Return a card for `origin`. Drawing its code takes milliseconds, so others get their turn before."""
    await asyncio.sleep(0)
    url = f"{origin}/seat/{card.code}"
    return Printed(
        card.label, size_of(card.label), url, f"{origin.partition('//')[2]}/seat", spelled(card.code), qr.svg(url)
    )
