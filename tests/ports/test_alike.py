"""In any sequence of operations, every implementation of the ports gives the same results."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.chat.desk.ports import HeldRow, Mute, Subject
from realtime.chat.model import RoomRules, StoredVisitor, SystemEvent, Visitor
from realtime.chat.records import Said
from realtime.errors import DomainError
from tests.ports.implementations import Implementation, InMemory, SQLite
from tests.ports.people import PEOPLE, happen, new_room, records, restart, start, text
from tests.ports.test_held import held
from tests.ports.test_images import ROOM_BYTES, say, store

ROOMS = (1, 2, 3)
EPHEMERAL = 3
SIZES = (2, ROOM_BYTES // 2, ROOM_BYTES)
FORGOTTEN_UNTIL = 1000


class Operations:
    """The operations on an implementation; each returns its outcome."""

    def __init__(self, kept: Implementation) -> None:
        self.kept = kept
        self.names: dict[int, str] = {}  # the random names of the images, by content

    async def happen(self, room: int, event: SystemEvent, who: Visitor, lingers: bool) -> None:
        await happen(self.kept, room, event, who, lingers=lingers and event == "exit")

    async def grant(self, room: int, who: Visitor) -> bool:
        return await self.kept.stores.rooms.grant(room, who.id)

    async def readmit(self, room: int, who: Visitor) -> None:
        await self.kept.stores.rooms.readmit(room, who.id)

    async def end_lingering(self, room: int, who: Visitor) -> bool:
        return await self.kept.stores.rooms.end_lingering(room, who.id)

    async def see(self, _: int, who: Visitor) -> bool:
        return await self.kept.stores.visitors.seen(who.id, FORGOTTEN_UNTIL)

    async def say(self, room: int, who: Visitor, nonce: str | None) -> bool | None:
        if room == EPHEMERAL:
            return None
        return await self.kept.stores.records.append(text(self.kept, room, by=who, nonce=nonce, at=self._now()))

    async def send(self, room: int, number: int, said: bool) -> None:
        image = await store(self.kept, room, number, SIZES[number % len(SIZES)], moving=bool(number % 2))
        self.names[number] = image.name
        if said and room != EPHEMERAL:
            await say(self.kept, room, image, at=self._now())

    async def send_again(self, room: int, number: int, said: bool) -> bool:
        image = await self.kept.stores.images.show(room, name=self.names.get(number, "none"))
        if image is not None and said and room != EPHEMERAL:
            await say(self.kept, room, image, at=self._now())
        return image is not None

    async def release(self, room: int, number: int, _: bool) -> None:
        await self.kept.stores.images.release(room, self.names.get(number, "none"))

    async def hold(self, room: int, number: int, shows: bool) -> None:
        """Hold an image, under the nonce that some say something under."""
        nonce = "n" if shows else f"n{self._now()}"
        if room == EPHEMERAL or any((row.room, row.nonce) == (room, nonce) for row in await self._held()):
            return
        image = await store(self.kept, room, number, SIZES[number % len(SIZES)], moving=bool(number % 2))
        self.names[number] = image.name
        row = held(room, f"{len(await self._held())}-{self._now()}", image=image, at=self._now())
        await self.kept.stores.desk.hold(row._replace(nonce=nonce))

    async def drop(self, room: int, back: int, _: bool) -> None:
        for row in [row for row in await self._held() if row.room == room][-back:][:1]:
            await self.kept.stores.desk.drop(row.id)

    async def _held(self) -> list[HeldRow]:
        return await self.kept.stores.desk.held()

    async def change(self, room: int, back: int, delete: bool) -> bool | None:
        said = [one for one in await records(self.kept, room) if isinstance(one, Said) and one.visible_to(1)][-back:]
        if not said:
            return None
        changed = said[0].deleted("sender") if delete else said[0].reacted(PEOPLE[0], "👍", True)
        return await self.kept.stores.records.change(changed.revised(self.kept.stores.records.next()[0]))

    async def freeze(self, room: int, _: int, on: bool) -> None:
        await self.kept.stores.rooms.rule(room, RoomRules(frozen=on, slow_s=room))

    async def freeze_all(self, _: int, __: int, on: bool) -> None:
        await self.kept.stores.desk.freeze_all(on)

    async def mute(self, room: int, number: int, everywhere: bool) -> None:
        subject = Subject(number) if number in ROOMS else Subject(seat=number)
        await self.kept.stores.desk.mute(Mute(subject, None if everywhere else room, number))

    async def unmute(self, room: int, number: int, everywhere: bool) -> None:
        subject = Subject(number) if number in ROOMS else Subject(seat=number)
        await self.kept.stores.desk.unmute(subject, None if everywhere else room)

    async def expire(self, room: int) -> None:
        await self.kept.stores.records.expire(room, self._now() - 2)

    async def remove(self, room: int) -> None:
        await self.kept.stores.rooms.remove(room)

    async def forget(self, _: int) -> list[int]:
        return sorted(await self.kept.stores.visitors.forget(FORGOTTEN_UNTIL))

    async def restart(self, _: int) -> list[tuple[int, int]]:
        return sorted((await restart(self.kept)).items())

    def _now(self) -> int:
        return self.kept.stores.records.last_seq


Operation = tuple[Callable[..., Awaitable[object]], *tuple[object, ...]]

_room, _who, _number = st.sampled_from(ROOMS), st.sampled_from(PEOPLE), st.integers(1, 5)
OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    st.tuples(
        st.just(Operations.happen),
        _room,
        st.sampled_from(["join", "exit", "owner", "kick", "name"]),
        _who,
        st.booleans(),
    ),
    st.tuples(
        st.sampled_from([Operations.grant, Operations.readmit, Operations.end_lingering, Operations.see]), _room, _who
    ),
    st.tuples(st.just(Operations.say), _room, _who, st.sampled_from([None, "n"])),
    st.tuples(
        st.sampled_from(
            [
                *(Operations.send, Operations.send_again, Operations.release, Operations.change),
                *(Operations.hold, Operations.drop),
                *(Operations.freeze, Operations.freeze_all, Operations.mute, Operations.unmute),
            ]
        ),
        _room,
        _number,
        st.booleans(),
    ),
    st.tuples(st.sampled_from([Operations.expire, Operations.restart, Operations.forget, Operations.remove]), _room),
)


async def outcome(kept: Implementation, operations: list[Operation]) -> list[object]:
    """Return the outcome of each operation, and the stored state at the end."""
    await start(kept)
    try:
        for who in PEOPLE:
            await kept.stores.visitors.add(StoredVisitor(who.id, f"session {who.id}", who.user, 0))
        for room in ROOMS:
            await new_room(kept, ephemeral=room == EPHEMERAL)
        target, outcomes = Operations(kept), list[object]()
        for operation, *arguments in operations:
            try:
                outcomes.append(await operation(target, *arguments))
            except DomainError as error:
                outcomes.append((error.code, dict(error.detail)))
        return [*outcomes, *await standing(kept, {name: number for number, name in target.names.items()})]
    finally:
        await kept.close()


async def standing(kept: Implementation, numbers: dict[str, int]) -> list[object]:
    """Return the stored state; `numbers` are the contents of the images, by name."""
    rooms, images = kept.stores.rooms, kept.stores.images
    await images.clear()
    return [
        [(room.key, room.owner_id, room.owner, room.rules) for room in await rooms.load()],
        sorted(await kept.stores.desk.mutes(), key=str),
        sorted(await rooms.grants()),
        await rooms.members(),
        sorted(await rooms.lingering()),
        sorted(await rooms.bans()),
        sorted(await kept.stores.visitors.load()),
        await kept.stores.visitors.last_id(),
        await kept.count("images"),
        len(list(images.folder.iterdir())),
        [[numbers[image.name] for image in await images.recent(room)] for room in ROOMS],
        [[numbers[image.name] for image in await images.sent_by(who.id)] for who in PEOPLE],
        [[(one.seq, one.position, type(one), one.user) for one in await records(kept, room)] for room in ROOMS],
        [(row.room, row.nonce) for row in await kept.stores.desk.held()],
        kept.stores.records.last_seq,
    ]


@settings(max_examples=50)
@given(st.lists(OPERATIONS, max_size=40))
def test_every_implementation_gives_the_same_results(operations: list[Operation]) -> None:
    ends = []
    for implementation in (SQLite, InMemory):
        with tempfile.TemporaryDirectory() as folder:
            ends.append(asyncio.run(outcome(implementation(Path(folder)), operations)))
    assert ends[0] == ends[1]
