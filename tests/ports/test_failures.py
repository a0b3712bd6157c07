"""What every port guarantees on a disk that refuses writes, and after it was closed."""

from collections.abc import Awaitable, Callable

import pytest
from msgspec import structs

from realtime.chat.desk.ports import DeskBan, LogEntry, Mute, StoredSeat, Subject
from realtime.chat.model import RoomRules, StoredRoom, StoredVisitor
from realtime.deferred import Deferred
from realtime.errors import Storage
from tests.conftest import ExpectLog
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, happen, new_room, restart, say, start, text
from tests.ports.test_images import files, store
from tests.ports.test_images import say as send

ROOM = 1  # the key of the first room
FIRST_SAID = 3  # after a join and a kick


def edit(kept: Implementation) -> Deferred[bool]:
    """Edit what was said first in the room."""
    said = structs.replace(text(kept, ROOM), seq=FIRST_SAID)
    return kept.stores.records.change(said.edited("나", 7).revised(kept.stores.records.next()[0]))


CHANGES: dict[str, Callable[[Implementation], Awaitable[object]]] = {
    "append": lambda kept: kept.stores.records.append(text(kept, ROOM)),
    "change record": edit,
    "note": lambda kept: happen(kept, ROOM, "kick", GUEST),
    "reserve": lambda kept: kept.stores.records.reserve(),
    "expire": lambda kept: kept.stores.records.expire(ROOM, 2**40),
    "add room": lambda kept: kept.stores.rooms.add(StoredRoom(0, "a" * 24, "방", 5, 1, "#000001", None, False, 0)),
    "change room": lambda kept: kept.stores.rooms.change(ROOM, "새 이름", 3, None, False),
    "grant": lambda kept: kept.stores.rooms.grant(ROOM, 3),
    "stand": lambda kept: kept.stores.rooms.stand(ROOM, OWNER.id, "teacher"),
    "end lingering": lambda kept: kept.stores.rooms.end_lingering(ROOM, GUEST.id),
    "readmit": lambda kept: kept.stores.rooms.readmit(ROOM, 3),
    "remove": lambda kept: kept.stores.rooms.remove(ROOM),
    "add visitor": lambda kept: kept.stores.visitors.add(StoredVisitor(9, "session 9", "#000009", 0)),
    "seen": lambda kept: kept.stores.visitors.seen(GUEST.id, 5000),
    "rename": lambda kept: kept.stores.visitors.rename(GUEST.id, "민아"),
    "forget": lambda kept: kept.stores.visitors.forget(1000),
    "store": lambda kept: store(kept, ROOM, 7),
    "rule": lambda kept: kept.stores.rooms.rule(ROOM, RoomRules(slow_s=5)),
    "order": lambda kept: kept.stores.rooms.order([ROOM]),
    "set": lambda kept: kept.stores.desk.set("whispers", False),
    "freeze all": lambda kept: kept.stores.desk.freeze_all(True),
    "mute": lambda kept: kept.stores.desk.mute(Mute(Subject(OWNER.id), None, 5)),
    "unmute": lambda kept: kept.stores.desk.unmute(Subject(GUEST.id), None),
    "end mutes": lambda kept: kept.stores.desk.end_mutes(5),
    "ban": lambda kept: kept.stores.desk.ban(DeskBan(Subject(OWNER.id), OWNER.user)),
    "unban": lambda kept: kept.stores.desk.unban(Subject(GUEST.id)),
    "arrange": lambda kept: kept.stores.seats.arrange([]),
    "take": lambda kept: kept.stores.seats.take(1, GUEST.id),
    "note log": lambda kept: kept.stores.desk.note(LogEntry(5, {"did": "freeze"})),
}
READS: dict[str, Callable[[Implementation], Awaitable[object]]] = {
    "get": lambda kept: kept.stores.records.get(ROOM, FIRST_SAID),
    "replies to": lambda kept: kept.stores.records.replies_to(ROOM, FIRST_SAID),
    "before": lambda kept: kept.stores.records.before(ROOM, 1, None, 9),
    "after": lambda kept: kept.stores.records.after(ROOM, 1, 0, 9),
    "search": lambda kept: kept.stores.records.search(ROOM, 1, "안녕", before=None, limit=9),
    "by nonce": lambda kept: kept.stores.records.by_nonce(ROOM, 1, "n"),
    "rooms": lambda kept: kept.stores.rooms.load(),
    "visitors": lambda kept: kept.stores.visitors.load(),
    "recent": lambda kept: kept.stores.images.recent(ROOM),
    "sent by": lambda kept: kept.stores.images.sent_by(1),
    "settings": lambda kept: kept.stores.desk.settings(),
    "log": lambda kept: kept.stores.desk.log(9),
    "seats": lambda kept: kept.stores.seats.seats(),
}


async def prepare(kept: Implementation) -> None:
    """Fill the first room, so that each change has an effect."""
    assert await new_room(kept) == ROOM
    await happen(kept, ROOM, "join", GUEST)
    await happen(kept, ROOM, "kick", GUEST)
    await say(kept, ROOM)
    await say(kept, ROOM)
    await kept.stores.desk.mute(Mute(Subject(GUEST.id), ROOM, 5))
    await kept.stores.desk.ban(DeskBan(Subject(GUEST.id), GUEST.user))
    await kept.stores.seats.arrange([StoredSeat(0, "1", "word")])


async def state(kept: Implementation) -> list[object]:
    rooms = kept.stores.rooms
    return [
        await rooms.load(),
        sorted(await rooms.grants()),
        await rooms.members(),
        await rooms.bans(),
        await kept.stores.records.before(ROOM, OWNER.id, None, 99),
        sorted(await kept.stores.visitors.load()),
        await kept.count("images"),
        files(kept),
        await kept.stores.desk.settings(),
        await kept.stores.desk.mutes(),
        await kept.stores.desk.bans(),
        await kept.stores.desk.log(9),
        await kept.stores.seats.seats(),
    ]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_refused_write_raises_storage_and_changes_nothing(
    kept: Implementation, change: str, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "storage: ")
    await prepare(kept)
    before = await state(kept)
    await kept.refuse(True)
    with pytest.raises(Storage):
        await CHANGES[change](kept)
    assert await state(kept) == before
    for read in READS.values():
        await read(kept)
    await kept.refuse(False)
    await CHANGES[change](kept)
    await restart(kept)


async def test_the_check_fails_while_writes_do(kept: Implementation, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    await prepare(kept)
    before = await state(kept)
    await kept.stores.records.check()
    await kept.refuse(True)
    with pytest.raises(Storage):
        await kept.stores.records.check()
    await kept.refuse(False)
    assert await state(kept) == before
    await kept.close()
    with pytest.raises(Storage):
        await kept.stores.records.check()
    await kept.open()


async def test_acknowledged_writes_survive_a_crash(kept: Implementation) -> None:
    await prepare(kept)
    for name, change in CHANGES.items():
        if name not in ("remove", "store"):  # an image without a record does not survive
            await change(kept)
    await send(kept, ROOM, await store(kept, ROOM, 7))
    before, epoch = await state(kept), kept.stores.records.epoch
    left = kept.after_crash()
    try:
        await start(left)
        assert await state(left) == before
        assert left.stores.records.epoch == epoch
    finally:
        await left.close()


async def test_a_use_that_could_not_be_released_is_released_later(kept: Implementation, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    await prepare(kept)
    image = await store(kept, ROOM, 7)
    await kept.refuse(True)
    await kept.stores.images.release(ROOM, image.name)
    with pytest.raises(Storage):
        await kept.stores.records.append(text(kept, ROOM))
    assert files(kept) == [image.name]
    await kept.refuse(False)
    await kept.stores.images.clear()
    assert files(kept) == []


@pytest.mark.parametrize("call", [*CHANGES, *READS])
async def test_a_closed_store_refuses_every_call(kept: Implementation, call: str) -> None:
    await prepare(kept)
    await kept.close()
    with pytest.raises(Storage):
        await (CHANGES | READS)[call](kept)
    await kept.open()
    await restart(kept)
