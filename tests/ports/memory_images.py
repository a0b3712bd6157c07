"""The images of tests/ports/memory.py: their rows in memory, their files in a real folder."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from db.uploads import Uploads
from realtime.chat.image_ports import LISTED, Content, Draft
from realtime.chat.model import Image
from realtime.errors import DomainError, Storage


@dataclass
class KeptImage:
    """An image's row."""

    image: Image
    size_bytes: int
    sha256: bytes | None  # None: its files are deleted

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        return [self.image.name, *([self.image.poster] if self.image.poster else [])]


@dataclass
class ImageMemory:
    """The rows: the images, the rooms that use them, and who sent them."""

    kept: dict[str, KeptImage] = field(default_factory=dict)
    uses: dict[tuple[int, str], int] = field(default_factory=dict)  # by room and image
    last_seqs: dict[tuple[int, str], int] = field(default_factory=dict)  # the latest record's seq
    senders: dict[tuple[int, str], int] = field(default_factory=dict)  # by visitor and image: the latest record's seq
    removed: list[KeptImage] = field(default_factory=list)  # whose files must still be deleted
    quota_bytes = 0

    def count(self, room: int, name: str) -> None:
        """Count a use. Raises Storage if the room has no space for it."""
        if (room, name) not in self.uses:
            taken = sum(self.kept[one].size_bytes for where, one in self.uses if where == room)
            if taken + self.kept[name].size_bytes > self.quota_bytes // 4:
                raise Storage(reason="quota")
        self.uses[room, name] = self.uses.get((room, name), 0) + 1

    def add(self, room: int, kept: KeptImage) -> None:
        """Add a new image, used in a room. Raises Storage if there is no space for it."""
        if sum(one.size_bytes for one in self.kept.values()) + kept.size_bytes > self.quota_bytes:
            raise Storage(reason="quota")
        self.kept[kept.image.name] = kept
        try:
            self.count(room, kept.image.name)
        except Storage:
            del self.kept[kept.image.name]
            raise

    def sent(self, room: int, visitor_id: int, name: str, seq: int) -> None:
        """Store the latest record of an image."""
        if (room, name) in self.uses:
            self.last_seqs[room, name] = self.senders[visitor_id, name] = seq

    def give_back(self, room: int, name: str) -> None:
        """Release one use; after its last use in a room the image leaves it, after the last of all it is removed."""
        if (room, name) in self.uses:
            self.uses[room, name] -= 1
            if self.uses[room, name] <= 0:
                self.leave(room, name)

    def leave(self, room: int, name: str | None = None) -> None:
        """Remove an image, or all, from a room."""
        for where, one in [use for use in self.uses if use[0] == room and name in (None, use[1])]:
            del self.uses[where, one]
            self.last_seqs.pop((where, one), None)
            if not any(other == one for _, other in self.uses):
                self.removed.append(self.kept.pop(one))
                self.senders = {sent: seq for sent, seq in self.senders.items() if sent[1] != one}

    def forget(self, visitor_id: int) -> None:
        """Forget the images that a visitor sent."""
        self.senders = {sent: seq for sent, seq in self.senders.items() if sent[0] != visitor_id}

    def latest(self, of: dict[tuple[int, str], int], owner: int) -> list[Image]:
        """Return the images of a room or a sender, the latest first."""
        found = sorted(((seq, name) for (one, name), seq in of.items() if one == owner), reverse=True)
        return [self.kept[name].image for _, name in found[:LISTED]]


class Around(Protocol):
    """What the images need from the rest of the memory."""

    images: ImageMemory
    full: bool

    async def turn(self, *, changes: bool = True) -> None: ...
    def recorded(self, room: int, name: str) -> int: ...
    def room(self, key: int) -> object: ...
    def looked_at(self, name: str, *, flashes: bool) -> None: ...


class MemoryImages:
    def __init__(self, around: Around, uploads: Uploads) -> None:
        self._around = around
        self._rows = around.images
        self._uploads = uploads
        self._showing = asyncio.Lock()
        self._owed: list[tuple[int, str]] = []

    @property
    def folder(self) -> Path:
        return self._uploads.folder

    def draft(self) -> Draft:
        return self._uploads.draft()

    async def start(self, quota_bytes: int) -> None:
        await self._around.turn()
        self._rows.quota_bytes = quota_bytes
        for room, name in list(self._rows.uses):
            uses = self._around.recorded(room, name)
            self._rows.uses[room, name] = uses + 1
            self._rows.give_back(room, name)
        await self._uploads.sweep({name for kept in self._rows.kept.values() for name in kept.files})
        await self.clear()

    async def show(self, room: int, *, name: str | None = None, sha256: bytes | None = None) -> Image | None:
        await self._around.turn(changes=False)
        async with self._showing:
            return await self._show(room, name, sha256)

    async def _show(self, room: int, name: str | None, sha256: bytes | None) -> Image | None:
        found = [one for one in self._rows.kept.values() if name in (None, one.image.name)]
        kept = next((one for one in found if sha256 in (None, one.sha256)), None)
        if kept is None:
            return None
        there = await self._uploads.has(kept.files)
        if not there:
            kept.sha256 = None
        await self._around.turn()
        if not there or kept.image.name not in self._rows.kept:  # it was just removed
            return None
        self._around.room(room)
        self._rows.count(room, kept.image.name)
        return kept.image

    async def store(self, room: int, draft: Draft, content: Content) -> Image:
        shown = await self.show(room, sha256=content.sha256)
        if shown is not None:
            return shown
        name = await draft.keep(content.extension, moving=content.poster_bytes is not None)
        poster = None if content.poster_bytes is None else f"{name.partition('.')[0]}.poster.webp"
        image = Image(name, content.width, content.height, poster, flashes=content.flashes)
        kept = KeptImage(image, content.size_bytes + (content.poster_bytes or 0), content.sha256)
        try:
            async with self._showing:
                shown = await self._show(room, None, content.sha256)
                if shown is None:
                    await self._around.turn()
                    self._around.room(room)
                    self._rows.add(room, kept)
        except DomainError:
            await self._uploads.remove(kept.files)
            raise
        if shown is not None:  # another upload of it finished while this one was being stored
            await self._uploads.remove(kept.files)
        return shown or image

    async def release(self, room: int, name: str) -> None:
        self._owed.append((room, name))
        await self.clear()

    async def clear(self) -> None:
        if self._around.full:
            return
        while self._owed:
            self._rows.give_back(*self._owed.pop())
        while self._rows.removed:
            await self._uploads.remove(self._rows.removed.pop().files)

    async def free(self, room: int) -> None:
        inside = {name for where, name in self._rows.uses if where == room}
        elsewhere = {name for where, name in self._rows.uses if where != room}
        await self._uploads.remove(file for name in inside - elsewhere for file in self._rows.kept[name].files)

    async def not_looked_at(self) -> list[str]:
        await self._around.turn(changes=False)
        return []  # it has existed for no longer than flashes are looked for

    async def looked_at(self, name: str, *, flashes: bool) -> None:
        await self._around.turn()
        if name in self._rows.kept:
            kept = self._rows.kept[name]
            kept.image = replace(kept.image, flashes=flashes)
            self._around.looked_at(name, flashes=flashes)

    async def recent(self, room: int) -> list[Image]:
        await self._around.turn(changes=False)
        return self._rows.latest(self._rows.last_seqs, room)

    async def sent_by(self, visitor_id: int) -> list[Image]:
        await self._around.turn(changes=False)
        return self._rows.latest(self._rows.senders, visitor_id)
