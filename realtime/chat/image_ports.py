"""The storage of images. For the guarantees of all stores, see realtime.chat.ports."""

from pathlib import Path
from typing import Protocol

from realtime.chat.model import Image

LISTED = 24  # images offered for sending again


class Content(Protocol):
    """A draft's examined image; `poster_bytes` is None if it is not animated."""

    @property
    def extension(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> bytes: ...
    @property
    def poster_bytes(self) -> int | None: ...
    @property
    def flashes(self) -> bool: ...


class Draft(Protocol):
    """An upload in progress: `ImageStore.store` makes it an image, `discard` deletes what was not stored."""

    size_bytes: int
    """How much was written so far."""

    async def write(self, data: bytes) -> None:
        """Append `data`. Raises Storage when the disk fails, or all drafts together would be too large."""
        ...

    async def copy(self, source: Path) -> None:
        """Copy the file `source`; the image's name will begin with its name.

        Raises NotFound if there is no such file, or Storage.
        """
        ...

    async def written(self) -> Path:
        """Return the complete file once everything is written. Nothing may be appended afterwards."""
        ...

    async def keep(self, extension: str, *, moving: bool) -> str:
        """Make the file, and its poster if it is `moving`, an image; return its name once both are synced to disk.

        For `ImageStore.store`. Raises Storage, and then leaves no files.
        """
        ...

    def discard(self) -> None:
        """Delete all files unless they were kept. Can be called repeatedly, and from a thread."""
        ...


class ImageStore(Protocol):
    """Images, each content stored once, for as long as any room uses it.

    Showing an image in a room counts a use there *before* its record is written, so that the image cannot be deleted
    meanwhile unless the room is. The record takes the use over (`RecordStore.append`); if it is not written, `release`
    ends the use. An image is deleted with its last use or its last room. A row in the database always has its files;
    files without a row are deleted by `clear` or at the next start.

    All images together are limited by the quota, those of one room by a quarter of it, where an image counts in full in
    every room. Exceeding either raises Storage with the reason `quota`.
    """

    @property
    def folder(self) -> Path:
        """The folder that contains each image's files under its name."""
        ...

    async def start(self, quota_bytes: int) -> None:
        """Delete images that have no record and are in no ephemeral room, and set the quota.

        A quota below the current size deletes nothing. Must be called once, before anything else of this port.
        """
        ...

    def draft(self) -> Draft:
        """Start an upload."""
        ...

    async def show(self, room: int, *, name: str | None = None, sha256: bytes | None = None) -> Image | None:
        """Show a stored image, found by its name or its content; None if there is none, or its files are missing."""
        ...

    async def store(self, room: int, draft: Draft, content: Content) -> Image:
        """Show the stored image with this content or, if there is none, a new one made of the draft.

        A new image's name is random and never reused; its files are synced to disk before its row is written.
        """
        ...

    async def release(self, room: int, name: str) -> None:
        """End a use whose record was not written. Never raises: what fails now is done later."""
        ...

    async def clear(self) -> None:
        """Delete the files of images that are in no room any more. Never raises, as `release`."""
        ...

    async def free(self, room: int) -> None:
        """Delete the files of images that are only in this ended room, before their rows are deleted.

        For a disk so full that deleting rows fails.
        """
        ...

    async def recent(self, room: int) -> list[Image]:
        """Return the last `LISTED` images sent in a room, latest first, each once."""
        ...

    async def not_looked_at(self) -> list[str]:
        """Return the names of the animations stored before flashes were looked for."""
        ...

    async def looked_at(self, name: str, *, flashes: bool) -> None:
        """Note whether an animation flashes, for all its records, too. Nothing happens if it is gone."""
        ...

    async def sent_by(self, visitor_id: int) -> list[Image]:
        """Return the last `LISTED` images a visitor has sent in any room, latest first, each once."""
        ...
