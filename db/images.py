"""Stored images: each stored once, by content, as long as any room uses it.

A row and its files stay consistent through any crash. Files get their names before the row is committed, and are
deleted after the row; names are never reused. So every row has its files, and files without a row are listed in
`removed_images` or found at the next start.

Showing an image in a room counts a use *before* its record is written: from then on it is deleted only with the room.
The record takes over that use; if it is not written, `release` drops it. When a record or a room is deleted, the
triggers of schema.sql drop its uses in the same statement.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import msgspec

from db.connection import Database, Row
from db.uploads import Uploads
from realtime.chat.image_ports import LISTED, Content, Draft
from realtime.chat.model import Image, poster_name
from realtime.errors import DomainError, NoSuchRoom, Storage

COLUMNS = "name, width, height, moving, flashes"


class Images:
    def __init__(self, database: Database, uploads: Uploads) -> None:
        self._database = database
        self._uploads = uploads
        self._showing = asyncio.Lock()
        self._owed: list[tuple[int, str]] = []  # uses that could not be released yet

    @property
    def folder(self) -> Path:
        """The folder of the image files."""
        return self._uploads.folder

    def draft(self) -> Draft:
        """Start receiving an image."""
        return self._uploads.draft()

    async def start(self, quota_bytes: int) -> None:
        """Keep only images with records or in something held, and those of ephemeral rooms.

        The server may have stopped before it wrote a record or a row. Files without a row are deleted first, because
        on a full disk not even a deletion can be recorded.
        """
        rows = await self._database.run("SELECT name, moving FROM images")
        await self._uploads.sweep(set(_files(rows)))
        await self._database.run("UPDATE image_space SET quota_bytes = ?1 WHERE quota_bytes <> ?1", (quota_bytes,))
        said, waits = (
            f"(SELECT count(*) FROM {table} WHERE gif = image AND {table}.room = room_images.room)"
            for table in ("chats", "held")
        )
        count = f"({said} + {waits})"
        await self._database.run(
            f"UPDATE room_images SET uses = {count}"
            f" WHERE uses <> {count} AND room IN (SELECT key FROM rooms WHERE NOT ephemeral)"
        )
        await self.clear()

    async def show(self, room: int, *, name: str | None = None, sha256: bytes | None = None) -> Image | None:
        """Show an existing image, found by its name or its content; None if there is none.

        Raises NoSuchRoom or Storage.
        """
        async with self._showing:
            found = await self._find("sha256 = ?" if name is None else "name = ?", sha256 if name is None else name)
            if found is None:
                return None
            shown = await self._database.run(
                "INSERT INTO shown (room, name) SELECT ?, name FROM images WHERE name = ? RETURNING name",
                (room, found.name),
            )
            # If there is none, it was deleted meanwhile.
            return found if shown and await self._whole(room, found) else None

    async def store(self, room: int, draft: Draft, content: Content) -> Image:
        """Show the content of `draft`: the existing image with that content, or else a new one made of the draft.

        Raises NoSuchRoom or Storage, and then stores nothing.
        """
        image = await self.show(room, sha256=content.sha256)
        if image is not None:
            return image
        moving = content.poster_bytes is not None
        name = await draft.keep(content.extension, moving=moving)
        size_bytes = content.size_bytes + (content.poster_bytes or 0)
        flashes = content.flashes if moving else None
        row = name, content.sha256, size_bytes, content.width, content.height, moving or None, flashes
        while (stored := await self._add(room, row)) is None:
            pass
        if stored.name != name:  # another upload of the same content was committed meanwhile
            await self._uploads.remove(_files([(name, moving)]))
        return stored

    async def release(self, room: int, name: str) -> None:
        """Release a use whose record was not written; the image is deleted with its last use."""
        self._owed.append((room, name))
        await self.clear()

    async def clear(self) -> None:
        """Delete the files of images that no room uses any more. Failures are retried the next time."""
        with contextlib.suppress(Storage):
            while self._owed:
                await self._give_back(self._owed.pop())
            rows = await self._database.run("SELECT name, moving FROM removed_images")
            if rows:
                left = await self._uploads.remove(_files(rows))
                done = [row[0] for row in rows if left.isdisjoint(_files([row]))]
                await self._database.run(
                    "DELETE FROM removed_images WHERE name IN (SELECT value FROM json_each(?))",
                    (msgspec.json.encode(done).decode(),),
                )

    async def free(self, room: int) -> None:
        """Delete the files that only this deleted room uses, before their rows.

        For a disk so full that the rows cannot be deleted.
        """
        async with self._showing:  # images shown elsewhere from here on find their files gone (`_whole`)
            rows = await self._database.run(
                "SELECT name, moving FROM room_images AS here JOIN images ON name = image WHERE room = ?"
                " AND NOT EXISTS (SELECT 1 FROM room_images WHERE image = here.image AND room <> here.room)",
                (room,),
            )
            await self._uploads.remove(_files(rows))

    async def recent(self, room: int) -> list[Image]:
        """Return the images sent in a room, latest first, each once."""
        return await self._listed("room_images", "room", room)

    async def sent_by(self, visitor_id: int) -> list[Image]:
        """Return the images a visitor has sent in any room, latest first, each once."""
        return await self._listed("sent_images", "visitor_id", visitor_id)

    async def not_looked_at(self) -> list[str]:
        """Return the names of animations of which it is not known yet whether they flash."""
        rows = await self._database.run("SELECT name FROM images WHERE moving AND flashes IS NULL")
        return [cast(str, name) for (name,) in rows]

    async def looked_at(self, name: str, *, flashes: bool) -> None:
        """Note whether an animation flashes, for its records, too."""
        await self._database.run("UPDATE images SET flashes = ? WHERE name = ?", (flashes, name))

    async def _listed(self, table: str, column: str, value: int) -> list[Image]:
        rows = await self._database.run(
            f"SELECT {COLUMNS} FROM {table} JOIN images ON name = image"
            f" WHERE {column} = ? AND last_seq IS NOT NULL ORDER BY last_seq DESC LIMIT {LISTED}",
            (value,),
        )
        return [_image(row) for row in rows]

    async def _find(self, condition: str, value: object) -> Image | None:
        # Version 1 did not store the size of images sent in ephemeral rooms.
        rows = await self._database.run(
            f"SELECT {COLUMNS} FROM images WHERE {condition} AND width IS NOT NULL", (value,)
        )
        return _image(rows[0]) if rows else None

    async def _add(self, room: int, row: Row) -> Image | None:
        """Show a new image, or an earlier one with the same content; None if that one's files are gone."""
        async with self._showing:
            try:
                await self._database.run(
                    "INSERT INTO shown (room, name, sha256, size_bytes, width, height, moving, flashes)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (room, *row),
                )
            except DomainError:
                await self._uploads.remove(_files([(row[0], row[-2])]))
                raise
            stored = await self._find("sha256 = ?", row[1])
            if stored is None:  # the room was deleted between the two statements, with all images only it used
                await self._uploads.remove(_files([(row[0], row[-2])]))
                raise NoSuchRoom
            return stored if stored.name == row[0] or await self._whole(room, stored) else None

    async def _whole(self, room: int, image: Image) -> bool:
        """Return whether an image just shown has its files; one without them is not offered again."""
        if await self._uploads.has(_files([(image.name, image.poster)])):
            return True
        try:
            await self._database.run("UPDATE images SET sha256 = NULL WHERE name = ?", (image.name,))
        finally:
            await self.release(room, image.name)
        return False

    async def _give_back(self, owed: tuple[int, str]) -> None:
        try:
            await self._database.run("UPDATE room_images SET uses = uses - 1 WHERE room = ? AND image = ?", owed)
        except Storage:
            self._owed.append(owed)
            raise


def _image(row: Row) -> Image:
    name, width, height, moving, flashes = cast("tuple[str, int, int, int | None, int | None]", row)
    return Image(name, width, height, poster_name(name) if moving else None, flashes=bool(moving) and flashes != 0)


def _files(rows: Iterable[Row]) -> list[str]:
    """Return the names of the files of images, given as (name, whether it moves)."""
    images = [(cast(str, name), moving) for name, moving in rows]
    return [name for name, _ in images] + [poster_name(name) for name, moving in images if moving]
