"""Sending images: new ones, and those that are there already, in a room or on the shelf."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from realtime.chat import policy
from realtime.chat.life import Rooms
from realtime.chat.model import IMAGE_NAME, Gifs, Image, Visitor
from realtime.chat.permissions import Act
from realtime.chat.ports import Content, Draft, Stores
from realtime.chat.records import Record, StoredRecord
from realtime.chat.room import Room
from realtime.errors import NotFound

SENT = re.compile(IMAGE_NAME)
ON_SHELF = re.compile(r"[a-z-]+\.gif")


class Examines(Protocol):
    """Looks at files that anybody may have made up."""

    async def examine(self, path: Path) -> Content:
        """Put the image at `path` into the form it is kept in, its poster beside it, and return what it is.

        Raises NotAGif, GifTooLarge or Storage.
        """
        ...


class Gallery:
    """The images of all rooms. Each call checks again after its last `await` before it acts, as `ChatService` does."""

    def __init__(
        self, rooms: Rooms, stores: Stores, examiner: Examines, shelf: Path, take_turn: Callable[[Visitor], None]
    ) -> None:
        """Look at images with `examiner`; `shelf` is the folder of those that anybody may send.

        `take_turn` raises TooFast when somebody may not say anything yet.
        """
        self._rooms = rooms
        self._stores = stores
        self._take_turn = take_turn
        self._examiner = examiner
        self._shelf = shelf
        self._taken: dict[str, bytes] = {}  # what was sent from the shelf since the start, with its SHA-256

    async def post(  # noqa: PLR0913  who says what, and where
        self,
        who: Visitor,
        room_id: str,
        draft: Draft,
        caption: str | None,
        nonce: str | None,
        *,
        quoted: StoredRecord | None = None,
    ) -> Record:
        """Say the image that was received in `draft`; the draft stays the caller's to discard.

        Raises NoSuchRoom, Kicked, NotAdmitted, ChatTooLong, BadRequest, TooFast, NotAGif, GifTooLarge or Storage;
        nothing is left of the image then.
        """
        self._begin(who, room_id, caption, nonce)
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
    ) -> Record:
        """Say an image that is there: one that was sent before, by anybody, or one of the shelf.

        Raises NoSuchRoom, Kicked, NotAdmitted, ChatTooLong, BadRequest, TooFast, NotFound or Storage.
        """
        room = self._begin(who, room_id, caption, nonce)
        image = None
        if SENT.fullmatch(name):
            image = await self._stores.images.show(room.key, name=name)
        elif ON_SHELF.fullmatch(name):
            image = await self._from_shelf(who, room, name)
        if image is None:
            self._rooms.where(who, Act.SAY, room_id)  # the room may be what is gone
            raise NotFound
        return await self._say(who, room, image, caption, nonce, quoted=quoted)

    async def gifs(self, who: Visitor, room_id: str) -> Gifs:
        """Return what the visitor may send again. Raises NoSuchRoom, Kicked, NotAdmitted or Storage."""
        room = self._rooms.where(who, Act.READ, room_id)
        recent = await self._stores.images.recent(room.key)
        return Gifs(recent=recent, mine=await self._stores.images.sent_by(who.id))

    def _begin(self, who: Visitor, room_id: str, caption: str | None, nonce: str | None) -> Room:
        """Refuse what can be refused before anything is done with the image."""
        room = self._rooms.where(who, Act.SAY, room_id)
        policy.check_caption(caption)
        policy.check_nonce(nonce)
        self._take_turn(who)
        return room

    async def _from_shelf(self, who: Visitor, room: Room, name: str) -> Image | None:
        """Show an image of the shelf. It is stored like one that came from a visitor, the first time it is sent."""
        if name in self._taken:
            image = await self._stores.images.show(room.key, sha256=self._taken[name])
            if image is not None:
                return image
        draft = self._stores.images.draft()
        try:
            await draft.copy(self._shelf / name)
            content = await self._examiner.examine(await draft.written())
            self._taken[name] = content.sha256
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
    ) -> Record:
        """Write the record of an image that is shown in the room; without one, it is shown there no longer."""
        try:
            self._rooms.where(who, Act.SAY, room.id)
            before = self._rooms.journal.last_seq
            record = await self._rooms.journal.say(
                room, who, chat=policy.check_caption(caption), image=image, nonce=nonce, quoted=quoted
            )
        except Exception:  # whatever it was: no record, so no use of the image; a cancelled one may have its record
            await self._stores.images.release(room.key, image.name)
            raise
        if record.seq <= before:  # the nonce was used before
            await self._stores.images.release(room.key, image.name)
        return record
