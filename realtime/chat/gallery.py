"""Sending images: uploads, images that are already stored, and built-in ones from the shelf."""

import contextlib
import math
import re
from pathlib import Path
from typing import Protocol

from realtime.chat import policy
from realtime.chat.allowances import Allowances
from realtime.chat.desk.held import HeldMessages
from realtime.chat.desk.waiting import HeldAnswer
from realtime.chat.image_ports import Content, Draft
from realtime.chat.life import Rooms
from realtime.chat.model import IMAGE_NAME, Gifs, Image, Visitor
from realtime.chat.permissions import Act
from realtime.chat.ports import Stores
from realtime.chat.records import StoredRecord
from realtime.chat.room import Room
from realtime.chat.text_space import TextSpace
from realtime.chat.turns import ALONE, Turns
from realtime.chat.wire_forms import Record
from realtime.clock import Clock
from realtime.errors import DomainError, GifTooLarge, NotAGif, NotFound

UPLOADED = re.compile(IMAGE_NAME)
BUILT_IN = re.compile(r"[a-z-]+\.gif")


class ImageExaminer(Protocol):
    """Examines untrusted files."""

    async def examine(self, path: Path) -> Content:
        """Convert the image at `path` in place into the form to store, write its poster beside it, and describe it.

        A moving image is looked at for flashes.

        Raises NotAGif, GifTooLarge or Storage.
        """
        ...

    async def shrink(self, name: str, side: int) -> bytes:
        """Return a stored still image as a WebP of at most `side` pixels. Raises a DomainError."""
        ...


class Gallery:
    """The images of all rooms. Each call checks again after its last `await` before it acts, as `ChatService` does."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        rooms: Rooms,
        stores: Stores,
        examiner: ImageExaminer,
        shelf: Path,
        *,
        held: HeldMessages,
        allowances: Allowances,
        space: TextSpace,
        clock: Clock,
    ) -> None:
        """`shelf` is the folder of the built-in images."""
        self._rooms = rooms
        self._held = held
        self._stores = stores
        self._allowances = allowances
        self._space = space
        self._clock = clock
        self._examiner = examiner
        self._turns = Turns(ALONE if allowances.shared else ALONE._replace(each=math.inf, in_all=math.inf))
        self._shelf = shelf
        self._shelf_sha256: dict[str, bytes] = {}  # of the built-in images sent since the start, by name

    async def post(  # noqa: PLR0913  sender, room and the message's fields
        self,
        who: Visitor,
        room_id: str,
        draft: Draft,
        caption: str | None,
        nonce: str | None,
        *,
        quoted: StoredRecord | None = None,
    ) -> Record | HeldAnswer:
        """Send the image received in `draft`, or hold it (`HeldMessages`); the caller discards the draft.

        Raises NoSuchRoom, Kicked, NotAdmitted, ChatTooLong, BadRequest, TooFast, NotAGif, GifTooLarge or Storage;
        the image is not stored then.
        """
        self._begin(who, room_id, caption, nonce)
        now, allowances = self._clock.time(), self._allowances
        allowances.uploads.take(who.id, now)
        allowances.upload_bytes.take(who.id, now, draft.size_bytes)
        async with self._turns.ask(allowances.address_of(who.id)):
            content = await self._examiner.examine(await draft.written())
        room = self._rooms.where(who, Act.SAY, room_id)
        image = await self._stores.images.store(room.key, draft, content)
        return await self._say(who, room, image, caption, nonce, quoted=quoted)

    async def post_again(  # noqa: PLR0913  as `post`
        self,
        who: Visitor,
        room_id: str,
        name: str,
        caption: str | None,
        nonce: str | None,
        *,
        quoted: StoredRecord | None = None,
    ) -> Record | HeldAnswer:
        """Send an image without an upload: one that anyone has sent before, or a built-in one.

        Raises NoSuchRoom, Kicked, NotAdmitted, ChatTooLong, BadRequest, TooFast, NotFound or Storage.
        """
        room = self._begin(who, room_id, caption, nonce)
        image = None
        if UPLOADED.fullmatch(name):
            image = await self._stores.images.show(room.key, name=name)
        elif BUILT_IN.fullmatch(name):
            image = await self._from_shelf(who, room, name)
        if image is None:
            self._rooms.where(who, Act.SAY, room_id)  # raises if the room itself is gone
            raise NotFound
        return await self._say(who, room, image, caption, nonce, quoted=quoted)

    async def gifs(self, who: Visitor, room_id: str) -> Gifs:
        """Return the images that the visitor can send again. Raises NoSuchRoom, Kicked, NotAdmitted or Storage."""
        room = self._rooms.where(who, Act.READ, room_id)
        recent = await self._stores.images.recent(room.key)
        return Gifs(recent=recent, mine=await self._stores.images.sent_by(who.id))

    async def look_at_others(self) -> None:
        """Look for flashes in the animations that were stored before gifchat did, one after the other.

        Until then they count as flashing, and so do those that are no longer accepted. What fails is done at the next
        start.
        """
        with contextlib.suppress(DomainError):
            for name in await self._stores.images.not_looked_at():
                with contextlib.suppress(DomainError):
                    await self._stores.images.looked_at(name, flashes=await self._flashes(name))

    async def _flashes(self, name: str) -> bool:
        draft = self._stores.images.draft()
        try:
            await draft.copy(self._stores.images.folder / name)
            return (await self._examiner.examine(await draft.written())).flashes
        except (NotAGif, GifTooLarge):
            return True
        finally:
            draft.discard()

    def _begin(self, who: Visitor, room_id: str, caption: str | None, nonce: str | None) -> Room:
        """Check everything that can be checked before the image is examined."""
        room = self._rooms.where(who, Act.SAY, room_id)
        policy.check_caption(caption)
        policy.check_nonce(nonce)
        self._rooms.check_pace(who, room, nonce)
        self._allowances.messages.take(who.id, self._clock.time())
        self._space.take(room, len(caption or ""))
        return room

    async def _from_shelf(self, who: Visitor, room: Room, name: str) -> Image | None:
        """Show a built-in image. The first time it is sent, it is stored like an upload."""
        if name in self._shelf_sha256:
            image = await self._stores.images.show(room.key, sha256=self._shelf_sha256[name])
            if image is not None:
                return image
        draft = self._stores.images.draft()
        try:
            await draft.copy(self._shelf / name)
            content = await self._examiner.examine(await draft.written())
            self._shelf_sha256[name] = content.sha256
            return await self._stores.images.store(self._rooms.where(who, Act.SAY, room.id).key, draft, content)
        finally:
            draft.discard()

    async def _say(  # noqa: PLR0913  as `post`
        self,
        who: Visitor,
        room: Room,
        image: Image,
        caption: str | None,
        nonce: str | None,
        *,
        quoted: StoredRecord | None,
    ) -> Record | HeldAnswer:
        """Write the record of an image that was counted in the room, or hold it; release the image if that fails.

        What is held releases it by itself.
        """
        try:
            self._rooms.where(who, Act.SAY, room.id)
            self._rooms.take_pace(who, room, nonce)
            before = self._rooms.journal.last_seq
            chat = policy.check_caption(caption)
            held = self._held.instead(room, who, chat=chat, image=image, nonce=nonce, quoted=quoted)
            if held is None:
                record = await self._rooms.journal.say(room, who, chat=chat, image=image, nonce=nonce, quoted=quoted)
        except Exception:  # no record was written; after a CancelledError one may have been, so that is not caught
            await self._stores.images.release(room.key, image.name)
            raise
        if held is not None:
            return await held
        if record.seq <= before:  # the nonce was used before
            await self._stores.images.release(room.key, image.name)
        return record
