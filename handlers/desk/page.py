"""The desk's page, and the way in."""

from handlers.base import BaseHandler
from handlers.desk.locked import PATH


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


class LogHandler(BaseHandler):
    """GET /desk/log."""

    async def get(self) -> None:
        """Return what the desks did, newest first."""
        self.json({"log": await self.site.service.desk.log.entries()})
