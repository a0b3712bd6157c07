"""Storing an imported conversation: the room, its images and its records, in one transaction.

Only while no server runs on the database: it takes as long as it takes.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from db.connection import Database
from realtime.chat.image_ports import Content
from realtime.chat.model import StoredRoom
from realtime.chat.ports import RecordRow
from realtime.errors import StartError

PLACEHOLDER = "-"  # for a moment: a new row has a text, and what was deleted has none


async def store(
    database: Database, room: StoredRoom, images: Mapping[str, Content], rows: Callable[[], Iterable[RecordRow]]
) -> list[str]:
    """Store a room with what was said in it; return the images that are not needed, as their content is there already.

    `images` are those whose files are kept, by name. Raises StartError if there is no space for them, whatever `rows`
    raises, and then stores nothing.
    """

    def work(sqlite: sqlite3.Connection) -> list[str]:
        sqlite.execute("BEGIN IMMEDIATE")
        try:
            spare = _store(sqlite, room, images, rows())
            sqlite.execute("COMMIT")
        except BaseException:
            sqlite.execute("ROLLBACK")
            raise
        return spare

    try:
        return await database.call(work)
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:  # as in db.connection.row_fault
            raise StartError("there is no space for its images (--quota; one room gets a quarter of it)") from error
        raise StartError(f"the database refuses it: {error}") from error
    except sqlite3.Error as error:
        raise StartError(f"the database cannot be written: {error}") from error


def _store(
    sqlite: sqlite3.Connection, room: StoredRoom, images: Mapping[str, Content], rows: Iterable[RecordRow]
) -> list[str]:
    fields = StoredRoom._fields[1:]
    [key] = sqlite.execute(
        f"INSERT INTO rooms ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))}) RETURNING key", room[1:]
    ).fetchone()
    stored = {name: _show(sqlite, cast(int, key), name, content) for name, content in images.items()}
    columns = RecordRow._fields
    insert = f"INSERT INTO chats ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    # Whatever a new row has as well has an effect: a line about somebody who joined gives them a place.
    settle = "UPDATE chats SET chat = ?, event = ?, rev = ?, changed = ? WHERE room = ? AND seq = ?"
    for row in rows:
        gif = stored[row.gif] if row.gif is not None else None
        plain = row._replace(room=key, gif=gif, event=None, rev=None, changed=None)
        if row.event is None and row.rev is None:
            sqlite.execute(insert, plain)
        else:
            sqlite.execute(insert, plain._replace(chat=row.chat or PLACEHOLDER))
            sqlite.execute(settle, (row.chat, row.event, row.rev, row.changed, key, row.seq))
    uses = "(SELECT count(*) FROM chats WHERE gif = image AND chats.room = room_images.room)"
    sqlite.execute(f"UPDATE room_images SET uses = {uses} WHERE room = ?", (key,))
    return [name for name, other in stored.items() if name != other]


def _show(sqlite: sqlite3.Connection, room: int, name: str, content: Content) -> str:
    """Store an image, or find the one with its content; return its name."""
    moving, flashes = (1, content.flashes) if content.poster_bytes is not None else (None, None)
    size_bytes = content.size_bytes + (content.poster_bytes or 0)
    sqlite.execute(
        "INSERT INTO shown (room, name, sha256, size_bytes, width, height, moving, flashes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (room, name, content.sha256, size_bytes, content.width, content.height, moving, flashes),
    )
    [stored] = sqlite.execute("SELECT name FROM images WHERE sha256 = ?", (content.sha256,)).fetchone()
    return cast(str, stored)
