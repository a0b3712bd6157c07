"""GET /desk/export/ID.html and .jsonl: a room's conversation, for the teacher."""

from handlers.export.download import DataExportHandler, ExportHandler, PageExportHandler
from realtime.chat.export import Conversation
from realtime.chat.turns import Turns


class OfAnyRoom(ExportHandler):
    """Sends the conversation of any room; of one with a password, while the teacher is seen in it."""

    def conversation(self, room_id: str, *, names: bool) -> Conversation:
        """Return it. Raises NoSuchRoom or NotAllowed."""
        return self.site.service.exports.of_teacher(self.who, room_id, names=names)

    @property
    def turns(self) -> Turns:
        """Those that owners cannot use up."""
        return self.site.service.exports.turns_at_desk


class DeskPageHandler(OfAnyRoom, PageExportHandler):
    """GET /desk/export/ID.html."""


class DeskDataHandler(OfAnyRoom, DataExportHandler):
    """GET /desk/export/ID.jsonl."""
