"""What the teacher's desk does: to a room, to a person, and to all.

Each method is an event of the namespace /desk, with the same name where there is one. `who` is the teacher's visitor:
that they are one is checked at the desk's door (`House.is_teacher` says so for the rooms). A decision is stored, and
then holds, from one turn of the event loop to the next; what was accepted before is in. Decisions are made one at a
time, so two desks end in the same state as what is stored. Each is noted in the log.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final, Literal

from realtime.chat import policy
from realtime.chat.desk.crowd import Crowd
from realtime.chat.desk.held import HeldMessages
from realtime.chat.desk.house import LONGEST_MUTE_S
from realtime.chat.desk.log import DeskLog
from realtime.chat.desk.ports import DeskBan, Mute, Subject
from realtime.chat.desk.preparing import Preparing
from realtime.chat.desk.seating import Seating
from realtime.chat.desk.wire_forms import DeskSettings, MutedView, ShutOut, Silenced
from realtime.chat.life import Rooms
from realtime.chat.model import RoomRules, Visitor, timestamp
from realtime.chat.naming import Naming
from realtime.chat.owner import OwnerService
from realtime.chat.policy import RoomPatch
from realtime.chat.ports import Stores
from realtime.chat.record_service import RecordService
from realtime.chat.room import Room, Seat
from realtime.chat.visitors import Visitors
from realtime.chat.wire_forms import Record
from realtime.errors import BadRequest, DomainError, NoSuchRoom, NotAllowed, NotFound
from realtime.hub import Hub

MOST_SLOW_S: Final = 300
MOST_MINUTES: Final = int(LONGEST_MUTE_S // 60)

Switch = Literal["whispers", "private", "rooms", "cards"]


class DeskService:
    """The desk's actions. All raise Storage; what was decided does not hold then."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        rooms: Rooms,
        visitors: Visitors,
        stores: Stores,
        hub: Hub,
        *,
        owner: OwnerService,
        records: RecordService,
        naming: Naming,
        log: DeskLog,
        held: HeldMessages,
        preparing: Preparing,
        crowd: Crowd,
    ) -> None:
        self.on_settings: Callable[[], object] = lambda: None
        """Called after each change of what `settings` returns."""
        self._rooms = rooms
        self._house = rooms.house
        self._visitors = visitors
        self._stores = stores
        self._chat = hub.of("/chat")
        self._lobby = hub.of("/room")
        self._owner = owner
        self._records = records
        self._naming = naming
        self.preparing = preparing
        self.crowd = crowd
        self.seating = Seating(rooms, stores, hub)
        self.held = held
        self.log = log
        self.deciding = asyncio.Lock()
        """Held while something is decided, and while seats change hands: whom it concerns is then sure."""

    # To a room

    async def freeze(self, who: Visitor, room_id: str | None, on: bool) -> None:
        """Let only teachers say something in a room or, with None, in every room and in new ones.

        Off with None ends each room's own. Raises NoSuchRoom.
        """
        async with self.deciding:
            if room_id is not None:
                await self._rule(self._rooms.of(room_id), lambda rules: rules._replace(frozen=on))
            else:
                await self._stores.desk.freeze_all(on)
                self._house.freeze(on)
                for room in self._rooms.newest_first():
                    room.rule(room.rules._replace(frozen=on))
                    self._rooms.lobby.changed(room)
                self.on_settings()
        await self.log.note(who, "freeze", room=room_id, on=on)

    async def slow(self, who: Visitor, room_id: str, seconds: int) -> None:
        """Let each visitor say one message in so many seconds, 0 for as many as they like.

        Raises NoSuchRoom, or BadRequest unless it is 0 to 300.
        """
        if not 0 <= seconds <= MOST_SLOW_S:
            raise BadRequest
        async with self.deciding:
            await self._rule(self._rooms.of(room_id), lambda rules: rules._replace(slow_s=seconds))
        await self.log.note(who, "slow", room=room_id, seconds=seconds)

    async def announce(self, who: Visitor, room_id: str | None, chat: str) -> list[Record]:
        """Say something in a room or, with None, in all, also where all are frozen; return what was said.

        Raises NoSuchRoom, NotAllowed for an imported one, EmptyChat, ChatTooLong or TooFast; it is then said in the
        rooms where it could be.
        """
        chat = policy.check_chat(chat)
        await self._rooms.store(who)
        if room_id is None:
            rooms = [room for room in self._rooms.newest_first() if not room.read_only]
        else:
            rooms = [self._rooms.of(room_id)]
            if rooms[0].read_only:
                raise NotAllowed(reason="saved")
        said = [self._rooms.journal.say(room, who, chat=chat) for room in rooms]
        records: list[Record] = []
        failure: DomainError | None = None
        for record in said:
            try:
                records.append(await record)
            except DomainError as error:
                if room_id is not None or not isinstance(error, NoSuchRoom):  # one that ended meanwhile needs none
                    failure = error
        if failure is not None:
            raise failure
        await self.log.note(who, "announce", room=room_id)
        return records

    async def keep(self, who: Visitor, room_id: str, on: bool) -> None:
        """Let a room stay when it is empty, or not. Raises NoSuchRoom."""
        await self._rooms.store(who)
        await self._owner.change(who, room_id, RoomPatch(kept=on))

    async def close(self, who: Visitor, room_id: str) -> None:
        """Delete a room and everything in it. Raises NoSuchRoom."""
        await self._rooms.store(who)
        await self._owner.delete(who, room_id)

    async def kick(self, who: Visitor, room_id: str, user: str) -> None:
        """Remove somebody from a room, and keep them out.

        Raises NoSuchRoom, NotHere if they never were there, BadRequest for oneself, NotAllowed for a teacher.
        """
        await self._rooms.store(who)
        await self._owner.kick(who, room_id, user)

    async def readmit(self, who: Visitor, room_id: str, user: str) -> None:
        """Let somebody who was kicked enter the room again. Raises NoSuchRoom."""
        await self._rooms.store(who)
        await self._owner.readmit(who, room_id, user)

    async def delete(self, who: Visitor, room_id: str, record_id: str) -> int:
        """Delete what somebody said; return the `rev` of what is left.

        Raises NoSuchRoom, NotFound, also for a whisper, NotYours for a system record, or TooFast.
        """
        await self._rooms.store(who)
        return await self._records.delete(who, room_id, record_id)

    async def approve(self, who: Visitor, room_id: str, on: bool) -> None:
        """Hold what is said in a room until it is shown, or not; what is held already waits on. Raises NoSuchRoom."""
        async with self.deciding:
            await self._rule(self._rooms.of(room_id), lambda rules: rules._replace(approve=on))
        await self.log.note(who, "approve", room=room_id, on=on)

    async def show(self, who: Visitor, room_id: str, held_id: str) -> Record:
        """Say what is held, and return the record (`HeldMessages.show`). Raises NotFound."""
        record = await self.held.show(room_id, held_id)
        await self.log.note(who, "show", room=room_id, user=record.user)
        return record

    async def drop(self, who: Visitor, room_id: str, held_id: str) -> None:
        """Delete what is held (`HeldMessages.drop`). Raises NotFound."""
        sender = await self.held.drop(room_id, held_id)
        await self.log.note(who, "drop", room=room_id, user=sender.user)

    def listed(self) -> list[str]:
        """Return the word list (`Filter.listed`). Raises TooLarge."""
        return self._rooms.filter.listed()

    async def words(self, who: Visitor, lines: list[str]) -> int:
        """Replace the word list; return how many words there are. Raises BadRequest."""
        count = await self._rooms.filter.change(lines)
        self.on_settings()
        await self.log.note(who, "words", words=count)
        return count

    # To a person

    async def mute(self, who: Visitor, user: str, room_id: str | None, minutes: int) -> None:
        """Let somebody only read for so long, in a room or, with None, in all; 0 ends it, with None everywhere.

        Raises NoSuchRoom, NotFound for an unknown colour, BadRequest unless it is 0 to 1440, NotAllowed for a teacher.
        """
        if not 0 <= minutes <= MOST_MINUTES:
            raise BadRequest
        async with self.deciding:
            target = self._pupil(user) if minutes else self._known(user)
            key = self._rooms.of(room_id).key if room_id is not None else None
            if minutes:
                mute = Mute(self._house.subject_of(target.id), key, int(time.time() * 1000) + minutes * 60_000)
                await self._stores.desk.mute(mute)
                self._house.mute(mute)
            else:
                for subject in self._house.subjects_of(target.id):
                    await self._stores.desk.unmute(subject, key)
                    self._house.unmute(subject, key)
            self._tell_muted(target, room_id)
        self.on_settings()
        await self.log.note(who, "mute", user=user, room=room_id, minutes=minutes)

    async def ban(self, who: Visitor, user: str) -> None:
        """Remove somebody from every room, and keep them out of all.

        Raises NotFound for an unknown colour, NotAllowed for a teacher.
        """
        async with self.deciding:
            target = self._pupil(user)
            ban = DeskBan(self._house.subject_of(target.id), user)
            await self._stores.desk.ban(ban)
            self._house.ban(ban)
            self._rooms.banish(target)
        self.on_settings()
        await self.log.note(who, "ban", user=user)

    async def unban(self, who: Visitor, user: str) -> None:
        """Let somebody enter rooms again, as before; nothing happens if nobody with this colour is banned."""
        async with self.deciding:
            target = self._visitors.by_user(user)
            subjects = self._house.subjects_of(target.id) if target is not None else ()
            banned = [ban.subject for ban in self._house.bans() if ban.user == user or ban.subject in subjects]
            for subject in banned:
                await self._stores.desk.unban(subject)
                self._house.unban(subject)
        if banned:
            self.on_settings()
            await self.log.note(who, "unban", user=user)

    async def take_name(self, who: Visitor, user: str) -> None:
        """Take somebody's name away. Raises NotFound for an unknown colour."""
        await self._naming.take_away(self._known(user))
        await self.log.note(who, "names", user=user, name=None)

    def seated(self, visitor: Visitor) -> None:
        """Let hold what concerns the seat that a visitor has just taken (`House.sit`): its ban, and its mutes."""
        if self._house.is_banned(visitor.id):
            self._rooms.banish(visitor)
        for muted in self.mutes_of(visitor):
            self._tell(visitor, muted)

    def mutes_of(self, visitor: Visitor) -> list[MutedView]:
        """Return where a visitor is muted."""
        mutes = self._house.mutes_of(visitor.id)
        ids = self._ids() if mutes else {}
        return [
            MutedView(None if mute.room is None else ids[mute.room], timestamp(mute.until_ms))
            for mute in mutes
            if mute.room is None or mute.room in ids
        ]

    # To all

    async def names(self, who: Visitor, on: bool) -> None:
        """Allow names or not: then nobody can take one, and no room shows any."""
        await self._switch("names", on)
        await self.log.note(who, "names", on=on)

    async def allow(self, who: Visitor, what: Switch, on: bool) -> None:
        """Allow whispers, rooms with a password or pupils' own rooms, or not; or let in only who has a seat card."""
        await self._switch(what, on)
        self.seating.enforce()
        await self.log.note(who, "allow", what=what, on=on)

    async def people(self, who: Visitor, count: int) -> None:
        """Expect so many people behind one address (`Crowd.expect`). Raises BadRequest or NotAllowed."""
        async with self.deciding:
            await self.crowd.expect(count)
        self.on_settings()
        await self.log.note(who, "people", count=count)

    def lift(self) -> None:
        """Let nothing hold of what was decided: there is no desk, and nobody could end it.

        It is still stored, and holds again when the server is started with a desk.
        """
        self._house.lift()
        self._rooms.filter.lift()
        self.crowd.lift()
        for room in self._rooms.newest_first():
            room.rule(RoomRules())

    # What the desk is told

    def settings(self) -> DeskSettings:
        """Return what has been decided."""
        ids = self._ids()
        return DeskSettings(
            switches=self._house.switches,
            frozen=self._house.frozen,
            words=len(self._rooms.filter.words),
            people=self.crowd.people,
            bans=[
                ShutOut(ban.user, self._name_of(ban.subject.visitor_id), self._label_of(ban.subject))
                for ban in self._house.bans()
            ],
            mutes=[
                Silenced(
                    user=person.user,
                    room=None if mute.room is None else ids[mute.room],
                    until=timestamp(mute.until_ms),
                    name=self._name_of(person.id),
                    seat=self._label_of(mute.subject),
                )
                for mute in self._house.mutes()
                if (mute.room is None or mute.room in ids) and (person := self._person_of(mute.subject)) is not None
            ],
        )

    # Internals

    async def _rule(self, room: Room, change: Callable[[RoomRules], RoomRules]) -> None:
        rules = change(room.rules)
        await self._stores.rooms.rule(room.key, rules)
        if room.gone:
            raise NoSuchRoom
        room.rule(rules)
        self._rooms.lobby.changed(room)

    async def _switch(self, name: str, on: bool) -> None:
        async with self.deciding:
            before = self._house.view()
            await self._stores.desk.set(name, on)
            self._house.switch(name, on)
            view = self._house.view()
            if view != before:
                for namespace in (self._chat, self._lobby):
                    namespace.emit("house", view)
        self.on_settings()

    def _known(self, user: str) -> Visitor:
        """Return the visitor with this colour. Raises NotFound."""
        target = self._visitors.by_user(user)
        if target is None:
            raise NotFound
        return target

    def _pupil(self, user: str) -> Visitor:
        """Return the visitor with this colour. Raises NotFound, or NotAllowed for a teacher."""
        target = self._known(user)
        if self._house.is_teacher(target.id):
            raise NotAllowed
        return target

    def _tell_muted(self, target: Visitor, room_id: str | None) -> None:
        told = [muted for muted in self.mutes_of(target) if muted.room == room_id]
        for muted in told or [MutedView(room_id, None)]:
            self._tell(target, muted)

    def _tell(self, target: Visitor, muted: MutedView) -> None:
        for socket in list(self._chat.sockets.values()):
            if isinstance(socket.data, Seat) and socket.data.who.id == target.id:
                socket.emit("muted", muted)

    def _ids(self) -> dict[int, str]:
        """Return the ids of all rooms by their keys."""
        return {room.key: room.id for room in self._rooms.newest_first()}

    def _person_of(self, subject: Subject) -> Visitor | None:
        visitor_id = subject.visitor_id if subject.seat is None else self._house.holder_of(subject.seat)
        return None if visitor_id is None else self._visitors.by_id(visitor_id)

    def _name_of(self, visitor_id: int | None) -> str | None:
        name = None if visitor_id is None else self._visitors.name_of(visitor_id)
        return None if name is None else name.text

    def _label_of(self, subject: Subject) -> str | None:
        return None if subject.seat is None else self._house.labels.get(subject.seat)
