"""Visitors, rooms and records for the tests of the ports."""

import itertools

from realtime.chat.model import Image, Role, StoredRoom, SystemEvent, Visitor
from realtime.chat.ports import StoredRecord
from realtime.chat.records import Said, SystemLine
from tests.ports.implementations import Implementation

OWNER, GUEST, THIRD = PEOPLE = [Visitor(number, f"#00000{number}") for number in (1, 2, 3)]
QUOTA_BYTES = 4000

_ids = itertools.count(1)


async def start(kept: Implementation) -> dict[int, int]:
    """Open and start each store as the service does; return the last seq of each room."""
    await kept.open()
    last_seqs = await kept.stores.records.start()
    await kept.stores.images.start(QUOTA_BYTES)
    return last_seqs


async def restart(kept: Implementation) -> dict[int, int]:
    """Close and start again; return the last seq of each room."""
    await kept.close()
    return await start(kept)


async def new_room(kept: Implementation, *, ephemeral: bool = False, owner: Visitor = OWNER) -> int:
    """Store a room and return its key."""
    room = StoredRoom(0, f"{next(_ids):024x}", "방", 10, owner.id, owner.user, None, ephemeral, 5)
    return await kept.stores.rooms.add(room)


def text(  # noqa: PLR0913  the fields of a record
    kept: Implementation,
    room: int,
    chat: str | None = "안녕",
    *,
    by: Visitor = OWNER,
    to: Visitor | None = None,
    nonce: str | None = None,
    image: Image | None = None,
    at: int | None = None,
) -> Said:
    """Return a visitor's message with the next number."""
    seq, now = kept.stores.records.next()
    said = Said(
        seq=seq,
        room=room,
        visitor_id=by.id,
        user=by.user,
        created_at=now if at is None else at,
        chat=chat,
        image=image,
        nonce=nonce,
    )
    return said if to is None else said.whispered(to)


def line(  # noqa: PLR0913  the fields of a record
    kept: Implementation,
    room: int,
    event: SystemEvent,
    who: Visitor,
    *,
    lingers: bool = False,
    name: str | None = None,
    role: Role | None = None,
) -> SystemLine:
    """Return a system line with the next number."""
    seq, now = kept.stores.records.next()
    return SystemLine(
        seq=seq,
        room=room,
        visitor_id=who.id,
        user=who.user,
        created_at=now,
        event=event,
        chat=f"{who.user} {event}",
        members=1 if event in ("join", "exit") else None,
        lingers=lingers,
        name=name,
        role=role,
    )


async def happen(  # noqa: PLR0913  the fields of a record
    kept: Implementation,
    room: int,
    event: SystemEvent,
    who: Visitor,
    *,
    lingers: bool = False,
    name: str | None = None,
    role: Role | None = None,
) -> SystemLine:
    """Store a system line."""
    happened = line(kept, room, event, who, lingers=lingers, name=name, role=role)
    assert await kept.stores.records.append(happened)
    return happened


async def say(kept: Implementation, room: int, chat: str = "안녕", *, by: Visitor = OWNER) -> Said:
    """Store a visitor's message."""
    said = text(kept, room, chat, by=by)
    assert await kept.stores.records.append(said)
    return said


async def records(kept: Implementation, room: int, reader: Visitor = OWNER) -> list[StoredRecord]:
    """Return all records of a room that a reader can see."""
    return await kept.stores.records.before(room, reader.id, None, 1000)
