"""POST /room/ID/chat: sending a message without a socket."""

from handlers import bodies
from handlers.base import BaseHandler
from realtime.errors import ChatTooLong


class ChatHandler(BaseHandler):
    """The response means that the message is stored and broadcast."""

    overflow = ChatTooLong

    async def post(self, room_id: str) -> None:
        """Say `chat` in the room."""
        values = self.fields()
        chat, nonce, re = (bodies.text(values, key) for key in ("chat", "nonce", "re"))
        quoted = await self.site.service.records.quotable(self.who, room_id, re) if re is not None else None
        self.done(await self.site.service.post(self.who, room_id, chat or "", nonce, quoted))
