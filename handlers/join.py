"""How others get here: the join page for the projector, and a room's own address."""

from typing import Final, NamedTuple

from handlers.base import BaseHandler
from handlers.room import ReadingHandler
from lan import firewall, qr
from lan.interfaces import is_own, own_addresses
from lan.names import is_trustworthy
from realtime.chat.model import RoomView
from realtime.hub import Hub

LONGEST_HOST: Final = 80
"""Of a longer one, the code would take tens of milliseconds; nobody's machine on a LAN is called that."""


class JoinHandler(BaseHandler):
    """GET /join: the address, its QR code, and how many visitors are connected."""

    async def get(self) -> None:
        """Show the most likely address, or the one in `?url=` if it is one of ours."""
        addresses = self.site.addresses()
        people = people_elsewhere(self.site.hub)
        if self.wants_json:
            self.json({"addresses": addresses, "people": people})
            return
        wanted = self.get_query_argument("url", "")
        shown = next((address for address in addresses if address.url == wanted), addresses[0])
        scheme, _, place = shown.url.partition("//")
        self.page(
            "join.html",
            shown=shown,
            scheme=f"{scheme}//",
            place=place,
            here=next((address for address in addresses if address.local), None),
            all_urls=" ".join(address.url for address in addresses),
            others=[address for address in addresses if address is not shown and not address.local],
            code=qr.svg(shown.url),
            people=people,
            port=self.site.port,
            firewall=firewall.command(self.site.port),
        )


class ShareHandler(ReadingHandler):
    """GET /room/ID/share."""

    async def get(self, room_id: str) -> None:
        """Return the room's address for other devices, and its QR code."""
        async with self.turn():  # a code takes milliseconds to be drawn
            invitation = invitation_to(self.site.service.view(room_id), self)
            self.json({"url": invitation.url, "code": qr.image(invitation.url), "local": invitation.local})


class Invitation(NamedTuple):
    """A room's address, that of the server, and whether only this machine can open them."""

    url: str
    origin: str
    local: bool


def invitation_to(room: RoomView, handler: BaseHandler) -> Invitation:
    """Return a room's address for other devices.

    Where its reader came by works for others, too, unless it means every machine's own. A room with a password is
    opened from the lobby, which asks for it.
    """
    request = handler.request
    origin, local = f"{request.protocol}://{request.host}", is_trustworthy(request.host)
    if local or len(request.host) > LONGEST_HOST:
        first = handler.site.addresses()[0]
        origin, local = first.url, first.local
    return Invitation(f"{origin}/#{room.id}" if room.password else f"{origin}/room/{room.id}", origin, local)


def people_elsewhere(hub: Hub) -> int:
    """Return how many visitors are connected from other machines."""
    own = own_addresses()
    sockets = (socket for namespace in hub.public for socket in namespace.sockets.values())
    return len({socket.handshake.identity for socket in sockets if not is_own(socket.handshake.address, own)})
