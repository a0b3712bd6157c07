"""GET /room/ID/export and /desk/export/ID: the form by which a conversation is saved."""

import msgspec

from handlers.base import BaseHandler


class ChoiceHandler(BaseHandler):
    """Asks how people are to be shown."""

    page_caching = "no-store"

    async def get(self, room_id: str) -> None:
        """Show the form."""
        room = self.site.service.view(room_id)
        at_desk = self.request.path.startswith("/desk")
        path = f"/desk/export/{room.id}" if at_desk else f"/room/{room.id}/export"
        back = "/desk" if at_desk else f"/room/{room.id}"
        self.page("save.html", room=msgspec.to_builtins(room), path=path, back=back, at_desk=at_desk)
