"""The join page for the projector."""

from handlers.base import BaseHandler
from lan import firewall, qr
from lan.interfaces import is_own, own_addresses
from realtime.hub import Hub


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


def people_elsewhere(hub: Hub) -> int:
    """Return how many visitors are connected from other machines."""
    own = own_addresses()
    sockets = (socket for namespace in hub.namespaces.values() for socket in namespace.sockets.values())
    return len({socket.handshake.identity for socket in sockets if not is_own(socket.handshake.address, own)})
