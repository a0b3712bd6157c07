"""`python gifchat.py import FILE`: a saved conversation becomes a room, whole or not at all."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from composition import DATABASE, IMAGE_WORKER, MIB
from db import imported
from db.connection import Database
from db.epoch import watched
from db.lock import only_server
from db.stores import stores_over
from db.uploads import Uploads
from db.writer import Writer
from handlers import resources
from options import Config
from realtime.chat.images.examiner import Examiner
from realtime.chat.images.model import Examined
from realtime.chat.importing import ImageLine, Renumbering, SavedFile, StoredImage, check_room, told
from realtime.chat.model import OWNERLESS, StoredRoom, poster_name
from realtime.chat.ports import RecordRow, Stores
from realtime.chat.saved import Opening
from realtime.chat.text_space import room_bytes
from realtime.chat.wire_forms import Record
from realtime.errors import DomainError, StartError


async def import_conversation(config: Config, path: Path) -> None:
    """Read the file into a new room. Raises StartError with the number of the line, or OSError."""
    with path.open("rb") as file, contextlib.ExitStack() as locked:
        config.data.mkdir(parents=True, exist_ok=True)
        try:
            lock = locked.enter_context(only_server(config.data))
        except StartError as error:
            raise StartError(f"a gifchat is running on the data folder {config.data}; stop it first") from error
        async with contextlib.AsyncExitStack() as stack:
            database = await Database.open(config.data / DATABASE, resources.SCHEMA.read_text("utf-8"))
            stack.push_async_callback(database.close)
            await stack.enter_async_context(watched(database, lock))
            writer = Writer(database)
            stack.push_async_callback(writer.close)
            uploads = Uploads(config.data / "uploads")
            stores = stores_over(database, writer, uploads)
            await stores.records.start()
            await stores.images.start(int(config.quota * MIB))
            if len(await stores.rooms.load()) >= config.max_rooms:
                raise StartError("there are already as many rooms as may be (--max-rooms)")
            importer = Importer(config, database, stores, uploads, SavedFile(file))
            try:
                room = await importer.run()
            except StartError as error:
                raise StartError(f"{path}, {error}; nothing was imported") from error
            print(f"'{room.title}' is imported: {_many(importer.count, 'record')}, {_many(importer.images, 'image')}")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


class Importer:
    """Imports one file: first all of it is checked and its images are stored as files, then the database is written."""

    def __init__(self, config: Config, database: Database, stores: Stores, uploads: Uploads, saved: SavedFile) -> None:
        self.count = 0
        self._config = config
        self._database = database
        self._stores = stores
        self._uploads = uploads
        self._saved = saved
        self._kept: dict[str, Examined] = {}
        self._named: dict[str, StoredImage] = {}

    @property
    def images(self) -> int:
        """How many images there were."""
        return len(self._named)

    async def run(self) -> StoredRoom:
        """Import it. Raises StartError, and then leaves nothing."""
        examiner = Examiner(self._uploads.folder, self._config.images, IMAGE_WORKER)
        spare = list(self._kept)
        try:
            room, last = await self._check(examiner), self._stores.records.last_seq
            rows = partial(self._rows, last + 1, last + 1 + self.count)
            storing = asyncio.ensure_future(imported.store(self._database, room, self._kept, rows))
            try:
                spare = await asyncio.shield(storing)
            except asyncio.CancelledError:
                spare = await storing  # it cannot be stopped: its files may only go if it failed
        except BaseException:
            spare = list(self._kept)
            raise
        finally:
            await examiner.close()
            await self._uploads.remove([file for name in spare for file in (name, poster_name(name))])
        return room

    async def _check(self, examiner: Examiner) -> StoredRoom:
        """Read the whole file; return the room. Keeps the files of its images."""
        numbers = self._numbers(1, 1)
        room: StoredRoom | None = None
        for line in self._saved.lines(images=True):
            with self._telling():
                match line:
                    case Opening():
                        title, size, created_at = check_room(line.room, self._config.max_occupancy)
                        room_id = secrets.token_hex(12)
                        room = StoredRoom(
                            0,
                            room_id,
                            title,
                            size,
                            OWNERLESS.id,
                            OWNERLESS.user,
                            None,
                            False,
                            created_at,
                            True,
                            read_only=True,
                        )
                    case ImageLine():
                        await self._keep(examiner, line)
                    case Record():
                        numbers.row(line)
        assert room is not None  # by `lines`
        self.count = numbers.count
        return room

    async def _keep(self, examiner: Examiner, line: ImageLine) -> None:
        if line.name in self._named:
            raise ValueError("the same image is there twice")
        if not line.content:
            raise ValueError("the image is empty")
        draft = self._uploads.draft()
        try:
            await draft.write(line.content)
            content = await examiner.examine(await draft.written())
            moving = content.poster_bytes is not None
            name = await draft.keep(content.extension, moving=moving)
        finally:
            await asyncio.to_thread(draft.discard)
        self._kept[name] = content
        self._named[line.name] = StoredImage(name, content.width, content.height, moving, content.flashes)

    def _numbers(self, first: int, first_rev: int) -> Renumbering:
        return Renumbering(first, first_rev, room_bytes(self._config.quota * MIB), self._named)

    def _rows(self, first: int, first_rev: int) -> Iterator[RecordRow]:
        """Yield all rows; read from the file again, which may be large."""
        numbers = self._numbers(first, first_rev)
        for line in self._saved.lines(images=False):
            if isinstance(line, Record):
                with self._telling():
                    yield numbers.row(line)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell what is wrong with a line."""
        try:
            yield
        except (DomainError, ValueError, OverflowError) as error:
            raise self._saved.wrong(told(error)) from error
