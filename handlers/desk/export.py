"""GET /desk/export/ID.html and .jsonl: any room's conversation, for the teacher."""

from handlers.export.download import DataExportHandler, ExportHandler, PageExportHandler
from realtime.chat.export import Conversation


class OfAnyRoom(ExportHandler):
    """Sends the conversation of any room, one with a password too."""

    def conversation(self, room_id: str, *, names: bool) -> Conversation:
        """Return it. Raises NoSuchRoom."""
        return self.site.service.exports.of_teacher(room_id, names=names)


class DeskPageHandler(OfAnyRoom, PageExportHandler):
    """GET /desk/export/ID.html."""


class DeskDataHandler(OfAnyRoom, DataExportHandler):
    """GET /desk/export/ID.jsonl."""
