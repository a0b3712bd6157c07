"""How visitors name themselves: stored first, then shown in all rooms that they are in, with a record in each."""

import asyncio

from realtime.chat.allowances import Allowances
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.names import Name, check_name
from realtime.chat.visitors import Visitors
from realtime.clock import Clock
from realtime.errors import DomainError, NameTaken


class Naming:
    """Names of all visitors, given one at a time, so that of two who want the same one the second is refused."""

    def __init__(self, rooms: Rooms, visitors: Visitors, allowances: Allowances, clock: Clock) -> None:
        self._rooms = rooms
        self._visitors = visitors
        self._allowances = allowances
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def name(self, who: Visitor, text: str | None) -> str | None:
        """Name a visitor, or take their name away; return the name. The rooms have been told.

        Raises InvalidName, NameTaken, NotAllowed, Muted, Frozen, TooFast or Storage.
        """
        name = check_name(text) if text is not None else None
        self._check_may_be_named(who, name)
        self._check_free(who, name)
        self._allowances.names.take(who.id, self._clock.time())
        await self._rooms.store(who)
        await self._give(who, name)
        return name.text if name else None

    async def take_away(self, who: Visitor) -> None:
        """Take a visitor's name away. Raises Storage."""
        await self._give(who, None)

    async def _give(self, who: Visitor, name: Name | None) -> None:
        async with self._one_at_a_time:
            self._check_may_be_named(who, name)
            self._check_free(who, name)
            before = self._visitors.name_of(who.id)
            if name != before:
                await self._visitors.rename(who, name)
                try:
                    self._check_free(who, name)
                except NameTaken:  # by somebody who came in meanwhile
                    await self._visitors.rename(who, before)
                    raise
            noted = self._rooms.show_name(who, name)
        for record in noted:
            try:
                await record
            except DomainError:  # logged; they are called so all the same
                continue

    def _check_may_be_named(self, who: Visitor, name: Name | None) -> None:
        """Raise NotAllowed if there are no names now, or Muted or Frozen where the visitor would say something by it.

        Each room that they are in has a line about it.
        """
        if name is not None:
            self._rooms.house.check_allowed(who, "names")
            for room in (None, *self._rooms.places(who)):
                self._rooms.house.check_voice(who, room)

    def _check_free(self, who: Visitor, name: Name | None) -> None:
        """Raise NameTaken if anybody in a room with the visitor has an equal name."""
        if name is not None and any(room.names.is_taken(name, who.id) for room in self._rooms.places(who)):
            raise NameTaken
