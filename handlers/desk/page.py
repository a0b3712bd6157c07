"""The desk's page, and the way in."""

from handlers.base import BaseHandler
from handlers.desk.door import INVITED_S
from handlers.desk.locked import PATH
from lan import qr


class TokenHandler(BaseHandler):
    """GET /desk?token=T."""

    async def get(self) -> None:
        """Let in who knows the token; a redirect removes it from the address."""
        door = self.site.desk
        assert door is not None
        door.knock(self.who, self.address, self.query("token") or "")
        for name, value in door.cookie.given(secure=self.request.protocol == "https"):
            self.add_header(name, value)
        self.redirect(PATH)


class DeskHandler(BaseHandler):
    """GET /desk."""

    page_caching = "no-store"  # what was said in the rooms

    async def get(self) -> None:
        """Show the desk."""
        self.page("desk.html")


class PhoneHandler(BaseHandler):
    """GET /desk/phone."""

    page_caching = "no-store"

    async def get(self) -> None:
        """Show a code that opens the desk on another device, once; `?url=` chooses the address, as at /join."""
        door = self.site.desk
        assert door is not None
        addresses = [address for address in self.site.addresses() if not address.local]
        wanted = self.query("url")
        shown = next((address for address in addresses if address.url == wanted), next(iter(addresses), None))
        url = f"{shown.url}{PATH}?token={door.invite()}" if shown is not None else None
        self.page(
            "desk_phone.html",
            code=qr.svg(url) if url is not None else None,
            shown=shown,
            others=[address for address in addresses if address is not shown],
            minutes=INVITED_S // 60,
        )


class LogHandler(BaseHandler):
    """GET /desk/log."""

    async def get(self) -> None:
        """Return what the desks did, newest first."""
        self.json({"log": await self.site.service.desk.log.entries()})
