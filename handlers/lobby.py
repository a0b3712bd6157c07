"""The lobby, and creating a room."""

from http import HTTPStatus

import msgspec

from handlers import bodies
from handlers.base import BaseHandler
from realtime.chat.policy import RoomForm
from realtime.errors import InvalidRoom, TooFast, TooManyRooms

OFFERED_MAX = 40  # a class; programs that name no size get a smaller room


class LobbyHandler(BaseHandler):
    """GET /: every room."""

    async def get(self) -> None:
        """Show the rooms, and the error in `?error=` if it is one of our texts."""
        rooms = self.site.service.lobby()
        if self.wants_json:
            self.json({"rooms": rooms})
        else:
            error = self.pages.own_error_text(self.lang, self.get_query_argument("error", ""))
            places = self.site.service.places(self.who)
            self.page("lobby.html", rooms=msgspec.to_builtins(rooms), places=places, error=error)


class NewRoomHandler(BaseHandler):
    """GET, POST /room."""

    async def get(self) -> None:
        """Show the form."""
        self._show({})

    async def post(self) -> None:
        """Create a room. Errors are shown in the form, filled in as it was except for the password."""
        values = self.fields()
        try:
            room = await self.site.service.create(self.who, bodies.room(values, RoomForm))
        except (InvalidRoom, TooFast, TooManyRooms) as error:
            if self.wants_json:
                raise
            self._show(values, error)
        else:
            self.set_header("Location", f"/room/{room.id}")
            if self.wants_json:
                self.json(room, HTTPStatus.CREATED)
            else:
                self.redirect(f"/room/{room.id}")

    def _show(self, values: dict[str, object], error: InvalidRoom | TooFast | TooManyRooms | None = None) -> None:
        self.page(
            "new_room.html",
            self.refuse(error) if error else HTTPStatus.OK,
            max_occupancy=self.site.max_occupancy,
            values={
                "title": values.get("title", ""),
                "max": values.get("max", min(OFFERED_MAX, self.site.max_occupancy)),
                "ephemeral": values.get("ephemeral") in bodies.ON,
            },
            error={"message": self.pages.error_text(self.lang, error), "field": error.detail.get("field")}
            if error
            else None,
        )
