"""POST /room/ID/gif: an upload, streamed to disk, validated by content and posted; or an existing image sent again."""

import asyncio
from collections.abc import Mapping

from handlers import bodies
from handlers.base import BODY_BYTES, BaseHandler, Guard
from handlers.multipart import ImageForm, Texts
from realtime.chat.image_ports import Draft
from realtime.errors import ChatTooLong, DomainError, GifTooLarge, NoFile

MIB = 1024 * 1024


class GifHandler(BaseHandler):
    """Checks before it stores a byte, and responds once the whole body has been read."""

    overflow = ChatTooLong

    def initialize(self, guards: Mapping[str, Guard]) -> None:
        """Start with nothing received."""
        super().initialize(guards)
        self._form: ImageForm | None = None
        self._draft: Draft | None = None
        self._received = 0
        self._refusal: DomainError | None = None

    async def prepare(self) -> None:
        """Check the guard, and start receiving."""
        await super().prepare()
        self.site.service.check_rate(self.who)
        content_type = self.request.headers.get("Content-Type", "")
        if not bodies.is_plain(content_type):
            self._form = ImageForm(content_type)
            self._draft = self.site.images.draft()

    async def data_received(self, chunk: bytes) -> None:
        """Write the file's bytes to disk until something is wrong; discard the rest."""
        if self._form is None:
            super().data_received(chunk)
            return
        if self._draft is None:
            return
        try:
            most = self.site.max_upload_bytes
            self._received += len(chunk)
            data = self._form.feed(chunk)
            if self._draft.size_bytes + len(data) > most or self._received > most + BODY_BYTES:
                raise GifTooLarge(reason="bytes", limit=most // MIB if most % MIB == 0 else most / MIB)
            await self._draft.write(data)
        except DomainError as error:
            self._refusal = error
            self._discard()

    async def post(self, room_id: str) -> None:
        """Post the image in the room. A file that is not posted is deleted."""
        if self._refusal is not None:
            raise self._refusal
        given = self._texts() if self._form is None else self._form.end()
        service = self.site.service
        quoted = await service.records.quotable(self.who, room_id, given.re) if given.re is not None else None
        draft, self._draft = self._draft, None
        if draft is not None and draft.size_bytes:
            try:
                record = await service.gallery.post(self.who, room_id, draft, given.chat, given.nonce, quoted=quoted)
            finally:
                await asyncio.to_thread(draft.discard)
        elif given.name is not None and not given.has_file:
            record = await service.gallery.post_again(
                self.who, room_id, given.name, given.chat, given.nonce, quoted=quoted
            )
        else:
            raise NoFile
        self.done(record)

    def on_connection_close(self) -> None:
        """Delete an incomplete upload; one that was received completely is posted all the same."""
        broken_off = not self.body_received.done()
        super().on_connection_close()
        if broken_off:
            self._discard()

    def on_finish(self) -> None:
        """Delete a refused upload."""
        self._discard()

    def _texts(self) -> Texts:
        values = self.fields()
        nonce, name, chat, re = (bodies.text(values, key) for key in ("nonce", "name", "chat", "re"))
        return Texts(nonce, name, chat, has_file=False, re=re)

    def _discard(self) -> None:
        if self._draft is not None:
            self._draft.discard()
            self._draft = None
