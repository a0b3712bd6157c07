"""What follows when somebody loses a seat: the desk's rules stay with them, and they may have to leave the rooms."""

from collections.abc import Callable, Iterator

import msgspec

from realtime.chat.desk.ports import DeskBan, Subject
from realtime.chat.life import Rooms
from realtime.chat.model import Visitor
from realtime.chat.ports import Stores
from realtime.errors import SeatNeeded
from realtime.hub import Hub, Socket

TAKEN = "다른 기기가 이 자리에 앉았습니다."


class SeatTaken(msgspec.Struct, frozen=True):
    """The desk's event `seat`: somebody took a seat, from `before` if another device had it.

    `twice`: that device was connected, so two were shown the same card at the same time.
    """

    seat: str
    user: str
    before: str | None
    twice: bool


class Seating:
    """What the seats and the switch "only with a card" do to people."""

    def __init__(self, rooms: Rooms, stores: Stores, hub: Hub) -> None:
        self.on_taken: Callable[[SeatTaken], object] = lambda _: None
        """Called when somebody has taken a seat."""
        self.on_change: Callable[[], object] = lambda: None
        """Called after each change of who has which seat, and of its label."""
        self._rooms = rooms
        self._house = rooms.house
        self._stores = stores
        self._chat = hub.of("/chat")
        self._lobby = hub.of("/room")

    async def hand_on(self, seat: int, before: Visitor) -> None:
        """Let a seat's ban and mutes also be those of the visitor who is about to lose it, whoever gets it.

        Otherwise, one would be free by giving one's card to somebody else, or by taking another. Raises Storage.
        """
        own, seats = Subject(before.id), Subject(seat=seat)
        for ban in self._house.bans():
            if ban.subject == seats:
                copied = DeskBan(own, before.user)
                await self._stores.desk.ban(copied)
                self._house.ban(copied)
        for mute in self._house.mutes():
            if mute.subject == seats:
                await self._stores.desk.mute(mute._replace(subject=own))
                self._house.mute(mute._replace(subject=own))

    async def forget(self, seat: int) -> None:
        """Lift the ban of a seat that there is no more. Raises Storage."""
        subject = Subject(seat=seat)
        if any(ban.subject == subject for ban in self._house.bans()):
            await self._stores.desk.unban(subject)
            self._house.unban(subject)

    def tell(self, before: Visitor) -> bool:
        """Tell a visitor's pages that another device has taken the seat; return whether there were any."""
        found = [socket for socket in self._sockets() if socket.handshake.identity == before]
        for socket in found:
            socket.emit("seatTaken", {"message": TAKEN})
        return bool(found)

    def enforce(self) -> None:
        """If one enters only with a card, send everybody out who has none; the rooms wait for them."""
        if not self._house.switches.cards:
            return
        for who in self._rooms.people():
            if self._needs(who):
                self._rooms.put_out(who)
        for socket in list(self._lobby.sockets.values()):
            if self._needs(socket.handshake.identity):
                socket.emit("seatNeeded", {"message": SeatNeeded.text})
                socket.disconnect()

    def _needs(self, who: object) -> bool:
        return isinstance(who, Visitor) and self._house.needs_seat(who)

    def _sockets(self) -> Iterator[Socket]:
        for namespace in (self._chat, self._lobby):
            yield from list(namespace.sockets.values())
