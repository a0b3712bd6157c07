"""How much of what there is one address may hold: rooms it made, connections of the lessons.

An address may hold as much as it leaves to the others: alone, half of all; if another has that half, a quarter. So two
addresses never have everything. (Known from switches' buffers: Choudhury and Hahne, "Dynamic queue length thresholds
for shared-memory packet switches", 1998.) But what a class needs it gets: as many as the people expected there.
"""

from collections.abc import Callable
from typing import Final

from realtime.chat.allowances import NEWCOMERS

FORGET_FROM: Final = 1000


def has_share(held: float, free: float, people: float, *, known: bool = True) -> bool:
    """Return whether an address that holds `held` may take one more of `free`. `people` of 0: there are no shares.

    Unless they are `known`, its visitors leave it a reserve for those who are.
    """
    return not people or held < max(people, free if known else free * NEWCOMERS)


class RoomsMade:
    """Which rooms were made from which address. A room that is gone does not count, and needs no word about it."""

    def __init__(self, people: Callable[[], float], is_there: Callable[[str], bool]) -> None:
        self._people = people
        self._is_there = is_there
        self._made: dict[str, set[str]] = {}

    def may_make(self, address: str, free: int, *, known: bool) -> bool:
        """Return whether another room may be made from this address, where `free` can still be made in all."""
        return has_share(len(self._there(address)), free, self._people(), known=known)

    def note(self, address: str, room_id: str) -> None:
        """Count a room that was made."""
        if len(self._made) >= FORGET_FROM:
            self._made = {one: rooms for one in list(self._made) if (rooms := self._there(one))}
        self._made.setdefault(address, set()).add(room_id)

    def _there(self, address: str) -> set[str]:
        rooms = {room_id for room_id in self._made.get(address, ()) if self._is_there(room_id)}
        if address in self._made:
            self._made[address] = rooms
        return rooms
