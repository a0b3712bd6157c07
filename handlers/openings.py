"""The pages of rooms as newcomers see them: who has said nothing and got no whisper sees the same as all others."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from handlers.made import Brief
from handlers.pages import READER, Language, SharedPage
from realtime.chat.model import RoomView

HOLES: Final = (*READER, "user", "house")
MOST: Final = 100


class RoomState(NamedTuple):
    """What a room's page depends on, besides its reader: `position` grows with whatever is said or changed."""

    room: RoomView
    position: int


class Openings:
    """Pages that were made, each for as long as its room is as it was: a class opens its room all at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept: Brief[tuple[Language, str], tuple[RoomState, SharedPage]] = Brief(MOST, clock)

    def get(self, lang: Language, now: RoomState) -> SharedPage | None:
        """Return the page of a room that is still as it was."""
        state, page = self._kept.get((lang, now.room.id)) or (None, None)
        return page if state == now else None

    def keep(self, lang: Language, state: RoomState, page: SharedPage) -> None:
        """Keep a page that shows this state."""
        self._kept.keep((lang, state.room.id), (state, page))
