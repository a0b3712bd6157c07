"""POST /room/ID/gif: an image, streamed to the disk, judged by its bytes, and said in the room."""

from collections.abc import Mapping

from db.uploads import Draft
from handlers.base import BODY_BYTES, BaseHandler, Guard
from handlers.multipart import ImageForm
from realtime.chat.model import Image
from realtime.errors import DomainError, GifTooLarge, NoFile

MIB = 1024 * 1024


class GifHandler(BaseHandler):
    """The checks come before a byte is stored, the answer when all was read."""

    def initialize(self, guards: Mapping[str, Guard]) -> None:
        """Begin with nothing received."""
        super().initialize(guards)
        self._form: ImageForm | None = None
        self._draft: Draft | None = None
        self._received = 0
        self._refusal: DomainError | None = None

    async def prepare(self) -> None:
        """Ask the guard, and begin to receive."""
        await super().prepare()
        self.site.service.check_rate(self.who)
        self._form = ImageForm(self.request.headers.get("Content-Type", ""))
        self._draft = self.site.uploads.draft()

    async def data_received(self, chunk: bytes) -> None:
        """Write what is the file's to the disk, for as long as nothing is wrong; the rest is only read off."""
        if self._form is None or self._draft is None:
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
        """Keep the image, then say it in the room. A file that is not said there does not stay."""
        if self._refusal is not None:
            raise self._refusal
        assert self._form is not None and self._draft is not None
        draft, self._draft = self._draft, None
        try:
            nonce = self._form.end()
            if not draft.size_bytes:
                raise NoFile
            examined = await self.site.examiner.examine(await draft.written())
            draft.poster.unlink(missing_ok=True)
            name = await draft.keep(examined.extension)
        finally:
            draft.discard()
        image = Image(name, examined.width, examined.height, examined.size_bytes)
        self.done(await self.site.service.post_gif(self.who, room_id, image, nonce))

    def on_connection_close(self) -> None:
        """Leave nothing of an upload that was broken off; one that was received whole is said all the same."""
        broken_off = not self.request._body_future.done()
        super().on_connection_close()
        if broken_off:
            self._discard()

    def on_finish(self) -> None:
        """Leave nothing of an upload that was refused."""
        self._discard()

    def _discard(self) -> None:
        if self._draft is not None:
            self._draft.discard()
            self._draft = None
