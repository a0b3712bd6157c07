"""The lobby, made once for all its readers: its pages in both languages, and its JSON."""

import functools
from typing import Final, Literal, NamedTuple

import msgspec
from markupsafe import Markup

from handlers.encoding import compressed
from handlers.made import Made
from handlers.pages import READER, Language, Pages, SharedPage, digest_of
from handlers.site import Site
from realtime.chat.model import RoomView

PAGE_ROOMS: Final = 100

HOLES: Final = (*READER, "user", "called", "house", "error", "places")
"""What a page tells its reader alone: what they chose, their colour, name and error, what is not allowed, and
where they have a place."""

ROWS: Final = 2048
"""How many rows of rooms are kept: a page that is made anew mostly has the rows it had before."""


class ListedJson(NamedTuple):
    """All rooms as JSON."""

    plain: bytes
    compressed: bytes
    digest: str


class Listing:
    """The answers to GET /."""

    def __init__(self, site: Site, pages: Pages) -> None:
        """With `--debug`, templates may have changed, so nothing is kept."""
        self._site = site
        self._pages = pages

        def version() -> object:
            return object() if site.debug else site.service.lobby_version

        self._page: Made[tuple[Language, int], SharedPage] = Made(self._make_page, version)
        self._json: Made[Literal["json"], ListedJson] = Made(self._make_json, version)
        self._row = functools.lru_cache(maxsize=0 if site.debug else ROWS)(self._make_row)

    async def page(self, lang: Language, number: int) -> SharedPage:
        """Return a page: the first is 1, and what comes after the last one is the last."""
        return await self._page.get((lang, min(number, pages_of(self._site.service.rooms))))

    async def json(self) -> ListedJson:
        """Return all rooms as JSON."""
        return await self._json.get("json")

    def _make_page(self, kind: tuple[Language, int]) -> SharedPage:
        lang, number = kind
        rooms = self._site.service.lobby()
        first = (min(number, pages_of(len(rooms))) - 1) * PAGE_ROOMS
        shown = rooms[first : first + PAGE_ROOMS]
        rows = Markup("\n").join([self._row(lang, room) for room in shown])
        return self._pages.shared(
            "lobby.html",
            lang,
            HOLES,
            rows=rows,
            first=first,
            shown=len(shown),
            total=len(rooms),
            size=PAGE_ROOMS,
        )

    def _make_row(self, lang: Language, room: RoomView) -> Markup:
        row = self._pages.macro("partials/room_row.html", lang, "room_row")
        return Markup(row(msgspec.to_builtins(room)))  # the template escapes

    def _make_json(self, _: Literal["json"]) -> ListedJson:
        plain = msgspec.json.encode({"rooms": self._site.service.lobby()})
        return ListedJson(plain, compressed(plain), digest_of(plain))


def pages_of(rooms: int) -> int:
    """Return how many pages show so many rooms."""
    return max(1, -(-rooms // PAGE_ROOMS))
