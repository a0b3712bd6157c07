"""The page of the lessons."""

from collections.abc import Mapping

import msgspec

from handlers.base import BaseHandler, Guard
from handlers.lessons.programs import Program


class LessonsHandler(BaseHandler):
    """GET /lessons."""

    def initialize(  # type: ignore[override]  # one argument more than other pages are made with
        self, guards: Mapping[str, Guard], programs: list[Program]
    ) -> None:
        """Show `programs`."""
        super().initialize(guards)
        self._programs = programs

    async def get(self) -> None:
        """Show the lessons."""
        bounds = self.site.lessons.bounds
        self.page(
            "lessons/page.html",
            programs=msgspec.to_builtins(self._programs),
            every_ms={"least": bounds.least_every_ms, "usual": bounds.every_ms, "most": bounds.most_every_ms},
            bytes={"least": 0, "usual": 0, "most": bounds.most_bytes},
            message_bytes=bounds.message_bytes,
        )
