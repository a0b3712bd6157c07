"""The real service compared with a small model, through any sequence of actions, one by one and concurrently.

The model only knows who is where; after each step it must agree with the service and the database. Delays drawn from a
seed are inserted around every statement, so that concurrent actions interleave differently each time.
"""

import asyncio
import random
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from realtime.chat.desk.passes import DeskPass
from realtime.chat.model import RoomView, Visitor
from realtime.chat.policy import Limits, RoomPatch
from realtime.errors import Banned, DomainError, Kicked, Muted, NoSuchRoom, NotAllowed, RoomFull, WrongPassword
from tests.delays import delay_statements
from tests.desk import HOURS_12_S
from tests.ports.implementations import SQLite
from tests.world import GRACE_S, Peer, World

T = TypeVar("T")

MAX = 3
PEOPLE = 5
LINGER_S = 100.0  # longer than all grace times that may pass in one example
LIMITS = Limits(rate=0, grace_s=GRACE_S, linger_s=LINGER_S)
ACTS = ("join", "join", "join", "leave", "lose", "close", "kick", "say", "delete", "ban", "unban", "kick at the desk")
PASSWORDS = (None, "one", "two")


@dataclass
class Model:
    """One room as it should be."""

    view: RoomView
    owner: int
    password: str | None = None
    inside: dict[int, set[int]] = field(default_factory=dict)  # visitor → tabs, in order of arrival; none: held
    beside: set[int] = field(default_factory=set)  # those of them who take no place
    admitted: set[int] = field(default_factory=set)
    banned: set[int] = field(default_factory=set)
    owner_came: bool = False
    entered: bool = False
    kept: bool = False
    lost: set[int] = field(default_factory=set)  # those with a held place who were lost without a goodbye
    lingering: set[int] = field(default_factory=set)
    frozen: bool = False

    @property
    def places(self) -> dict[int, set[int]]:
        """Those who take a place."""
        return {who: tabs for who, tabs in self.inside.items() if who not in self.beside}

    def heir(self) -> None:
        """Pass ownership on if the owner has gone for good: present members come before held places."""
        places = self.places
        if self.owner_came and self.owner not in self.inside and places:
            self.owner = next((who for who, tabs in places.items() if tabs), next(iter(places)))


class RoomMachine(RuleBasedStateMachine):
    people = st.integers(0, PEOPLE - 1)
    tabs = st.integers(0, 1)

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.world = self.run(World(Path(self.folder.name), LIMITS, SQLite).start())
        delay_statements(self.world.database, self.random, self.loop)
        self.visitors: list[Visitor] = [self.run(self.world.visitor()) for _ in range(PEOPLE)]
        self.peers: dict[tuple[int, int], Peer] = {}
        self.teacher = self.run(self.world.visitor())
        self.teach()
        self.room: Model | None = None
        self.frozen = False  # new rooms begin so
        self.out: set[int] = set()  # who is banned from all rooms
        self.muted: set[int] = set()
        self.teachers: set[int] = set()
        self.listed: dict[int, list[RoomView]] = {}  # what the lobby told, by its version

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.run(self.world.stop())
            self.loop.close()
            self.folder.cleanup()

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.loop.run_until_complete(work)

    def soon(self, act: Callable[[], None]) -> None:
        """Run `act` inside the loop."""

        async def in_loop() -> None:
            act()

        self.run(in_loop())

    def teach(self) -> None:
        """Show the desk's pass, which counts until a restart."""
        self.world.service.house.teach(self.teacher, DeskPass(self.world.clock.elapsed() + 1e9))

    def peer(self, who: int, tab: int) -> Peer:
        """Return a visitor's tab, opening it if it was closed."""
        if (who, tab) not in self.peers:
            self.peers[who, tab] = Peer(self.world, self.visitors[who])
        return self.peers[who, tab]

    @property
    def model(self) -> Model:
        assert self.room is not None
        return self.room

    def attempt(self, work: Coroutine[object, object, object]) -> type[DomainError] | None:
        """Return the class of the error that refused `work`, or None if it succeeded."""
        try:
            self.run(work)
        except DomainError as error:
            return type(error)
        return None

    # One by one

    @precondition(lambda self: self.room is None)
    @rule(owner=people, password=st.sampled_from(PASSWORDS[:2]))
    def create(self, owner: int, password: str | None) -> None:
        refused = self.attempt(self.world.room(self.visitors[owner], max=MAX, password=password))
        expected = Banned if owner in self.out else Muted if owner in self.muted else None
        assert refused is (None if owner in self.teachers else expected)
        if refused is None:
            [view] = self.world.service.lobby()
            self.room = Model(view, owner, password, admitted={owner}, frozen=self.frozen)

    @precondition(lambda self: self.room is not None)
    @rule(who=people, tab=tabs, password=st.sampled_from(PASSWORDS), catch_up=st.booleans())
    def join(self, who: int, tab: int, password: str | None, catch_up: bool) -> None:
        model = self.model
        expected: type[DomainError] | None = None
        if who in self.teachers:
            pass
        elif who in self.out:
            expected = Banned
        elif who in model.banned:
            expected = Kicked
        elif model.password and who not in model.admitted and password != model.password:
            expected = WrongPassword
        elif who not in model.places and len(model.places) == MAX:
            expected = RoomFull
        admitted = who not in self.teachers
        refused = self.attempt(self.peer(who, tab).join(model.view, after=0 if catch_up else None, password=password))
        assert refused is expected or (refused is not None and refused.code == "too_fast")
        if refused is None:
            model.inside.setdefault(who, set()).add(tab)
            model.lost.discard(who)
            model.lingering.discard(who)
            if admitted:
                model.beside.discard(who)
                model.admitted.add(who)
                model.entered = True
            else:
                model.beside.add(who)
            model.owner_came |= who == model.owner
            if not model.kept or model.owner in model.banned:
                model.heir()

    @rule(who=people)
    def becomes_a_teacher(self, who: int) -> None:
        """The visitor shows the desk's cookie."""
        self.teachers.add(who)
        shown = DeskPass(self.world.clock.elapsed() + HOURS_12_S)
        self.soon(lambda: self.world.service.teachers.teach(self.visitors[who], shown))
        if self.room is not None and who in self.room.inside:
            self.room.beside.add(who)
            self.room.lost.discard(who)

    @precondition(lambda self: bool(self.teachers))
    @rule()
    def all_passes_end(self) -> None:
        """The connections of teachers in the room are closed; no time passes here."""
        teachers = self.world.service.teachers

        def end() -> None:
            for who in map(self.visitors.__getitem__, self.teachers):
                self.world.service.house.teach(who, DeskPass(self.world.clock.elapsed()))
                teachers._ends[who.id].cancel()
                teachers._ended(who)

        self.soon(end)
        self.teachers.clear()
        for who in self.room.beside if self.room is not None else ():
            for tab in self.model.inside[who]:
                del self.peers[who, tab]
            self.model.inside[who] = set()

    @precondition(lambda self: self.room is not None)
    @rule(who=people, tab=tabs)
    def leave(self, who: int, tab: int) -> None:
        model = self.model
        self.soon(lambda: self.peer(who, tab).leave(model.view))
        if tab in model.inside.get(who, ()):
            model.inside[who].remove(tab)
            if not model.inside[who]:
                self.free(who)

    @precondition(lambda self: self.room is not None)
    @rule(who=people, tab=tabs, goodbye=st.booleans())
    def disconnect(self, who: int, tab: int, goodbye: bool) -> None:
        if (who, tab) in self.peers:
            peer = self.peers.pop((who, tab))
            self.soon(peer.close_tab if goodbye else peer.drop)
            self.model.inside.get(who, set()).discard(tab)
            self.model.lost -= {who}
            self.model.lost |= set() if goodbye or who in self.model.beside else {who}

    @precondition(lambda self: self.room is not None)
    @rule(who=people, tab=tabs)
    def leave_to_come_back(self, who: int, tab: int) -> None:
        model = self.model
        self.soon(lambda: self.peer(who, tab).leave(model.view, keep=True))
        if tab in model.inside.get(who, ()):
            model.inside[who].remove(tab)
            if not model.inside[who]:
                self.free(who, lingers=who == model.owner)

    @precondition(lambda self: self.room is not None)
    @rule()
    def half_a_grace_time_passes(self) -> None:
        """This frees no place: everybody with a held place comes back first, unless they may not."""
        for who, tabs in list(self.model.inside.items()):
            if not tabs:
                self.join(who, 0, None, False)
        if any(self.model.places.values()) and all(self.model.inside.values()):
            self.run(self.world.pass_time(GRACE_S / 2))

    @precondition(lambda self: self.room is not None)
    @rule()
    def the_grace_time_passes(self) -> None:
        model = self.model
        self.run(self.world.pass_time(GRACE_S))
        held = [who for who, tabs in model.inside.items() if not tabs]
        waits = model.kept or model.lingering or model.lost.intersection(held)
        if model.entered and not any(model.places.values()) and not waits:
            self.gone()
            return
        for who in held:
            self.free(who, lingers=who in model.lost)

    @precondition(lambda self: self.room is not None)
    @rule()
    def the_linger_time_passes(self) -> None:
        self.the_grace_time_passes()
        if self.room is None:
            return
        self.run(self.world.pass_time(LINGER_S))
        if not self.room.places and not self.room.kept:
            self.gone()
            return
        # A kept room that its owner has left, or that a restart found without them, waits for them however long.
        waits_on = self.room.kept and self.room.owner_came and self.room.owner not in self.room.lingering
        self.room.lingering.clear()
        self.room.entered = self.room.owner_came = True  # in effect: the room waits for nobody else any more
        if not waits_on:
            self.room.heir()

    @precondition(lambda self: self.room is not None)
    @rule(who=people, kept=st.booleans())
    def keep(self, who: int, kept: bool) -> None:
        patch = RoomPatch(kept=kept)
        refused = self.attempt(self.world.service.owner.change(self.visitors[who], self.model.view.id, patch))
        assert (refused is None) == self.may_own(who)
        if refused is None:
            self.model.kept = kept

    @precondition(lambda self: self.room is not None)
    @rule(who=people, whom=people)
    def kick(self, who: int, whom: int) -> None:
        model = self.model
        refused = self.attempt(
            self.world.service.owner.kick(self.visitors[who], model.view.id, self.visitors[whom].user)
        )
        known = whom in model.admitted or whom in model.banned
        assert (refused is None) == (self.may_own(who) and who != whom and known and whom not in self.teachers)
        if refused is None:
            self.kicked(whom)

    @precondition(lambda self: self.room is not None)
    @rule(whom=people)
    def kick_at_the_desk(self, whom: int) -> None:
        model, user = self.model, self.visitors[whom].user
        refused = self.attempt(self.world.service.desk.kick(self.teacher, model.view.id, user))
        assert (refused is None) == (whom in (model.admitted | model.banned) - self.teachers)
        if refused is None:
            self.kicked(whom)

    @rule(whom=people, lifted=st.booleans())
    def ban(self, whom: int, lifted: bool) -> None:
        desk, user = self.world.service.desk, self.visitors[whom].user
        if not lifted and whom in self.teachers:
            assert self.attempt(desk.ban(self.teacher, user)) is NotAllowed
            return
        self.run(desk.unban(self.teacher, user) if lifted else desk.ban(self.teacher, user))
        (self.out.discard if lifted else self.out.add)(whom)
        if not lifted and self.room is not None:
            waited = whom in self.room.lingering
            self.room.lingering.discard(whom)
            if whom in self.room.inside:
                self.free(whom)
            elif waited and whom == self.room.owner:
                self.room.owner_came = True
                self.room.heir()

    @rule(everywhere=st.booleans(), on=st.booleans())
    def freeze(self, everywhere: bool, on: bool) -> None:
        room_id = None if everywhere or self.room is None else self.room.view.id
        self.run(self.world.service.desk.freeze(self.teacher, room_id, on))
        self.frozen = on if room_id is None else self.frozen
        if self.room is not None:
            self.room.frozen = on

    @rule(whom=people, minutes=st.sampled_from((0, 1440)))
    def mute(self, whom: int, minutes: int) -> None:
        muting = self.world.service.desk.mute(self.teacher, self.visitors[whom].user, None, minutes)
        if minutes and whom in self.teachers:
            assert self.attempt(muting) is NotAllowed
            return
        self.run(muting)
        (self.muted.add if minutes else self.muted.discard)(whom)

    @precondition(lambda self: self.room is not None)
    @rule(who=people, whom=people)
    def let_back(self, who: int, whom: int) -> None:
        model = self.model
        refused = self.attempt(
            self.world.service.owner.readmit(self.visitors[who], model.view.id, self.visitors[whom].user)
        )
        assert (refused is None) == self.may_own(who)
        if refused is None:
            model.banned.discard(whom)

    @precondition(lambda self: self.room is not None)
    @rule(who=people, whom=people)
    def hand_over(self, who: int, whom: int) -> None:
        model = self.model
        refused = self.attempt(
            self.world.service.owner.hand_over(self.visitors[who], model.view.id, self.visitors[whom].user)
        )
        assert (refused is None) == (self.may_own(who) and bool(model.inside.get(whom)))
        if refused is None and who != whom:
            model.owner = whom
            model.owner_came = True

    @precondition(lambda self: self.room is not None)
    @rule(who=people, password=st.sampled_from(PASSWORDS))
    def change_password(self, who: int, password: str | None) -> None:
        patch = RoomPatch(password=password)
        refused = self.attempt(self.world.service.owner.change(self.visitors[who], self.model.view.id, patch))
        assert (refused is None) == self.may_own(who)
        if refused is None:
            self.model.password = password

    @precondition(lambda self: self.room is not None)
    @rule(who=people)
    def delete(self, who: int) -> None:
        refused = self.attempt(self.world.service.owner.delete(self.visitors[who], self.model.view.id))
        assert (refused is None) == self.may_own(who)
        if refused is None:
            self.gone()

    @precondition(lambda self: self.room is not None)
    @rule(who=people, tab=tabs)
    def say(self, who: int, tab: int) -> None:
        refused = self.attempt(self.peer(who, tab).say(self.model.view, "안녕"))
        silent = self.model.frozen or who in self.muted | self.out
        assert (refused is None) == (who in self.teachers or (who in self.model.admitted and not silent))

    @rule()
    def restart(self) -> None:
        if self.room is not None and self.room.beside - self.teachers:
            self.the_grace_time_passes()  # or they would be held for longer than others
        self.run(self.world.settle())
        self.run(self.world.restart())
        self.listed.clear()
        self.teach()
        delay_statements(self.world.database, self.random, self.loop)
        self.peers.clear()
        for who in self.teachers:
            self.becomes_a_teacher(who)
        if self.room is not None:
            self.room.inside = {who: set() for who in self.room.inside}
            self.room.owner_came = self.room.owner in self.room.inside
            if self.room.owner not in self.room.inside | dict.fromkeys(self.room.lingering):
                self.room.owner_came = self.room.kept
            if not self.room.places and not self.room.kept:
                self.run(self.world.pass_time(LINGER_S if self.room.lingering else 60))
                self.gone()
            else:
                self.all_return()

    def all_return(self) -> None:
        for who in list(self.model.inside):
            self.join(who, 0, None, True)

    # Concurrently

    @precondition(lambda self: self.room is not None)
    @rule(
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), people, tabs, people),
            min_size=2,
            max_size=8,
        )
    )
    def at_once(self, acts: list[tuple[str, int, int, int]]) -> None:
        """In any order of these actions the promises hold; afterwards the model is reset from the service."""
        model, service = self.model, self.world.service

        async def act(what: str, who: int, tab: int, target: int) -> None:
            await asyncio.sleep(0)
            peer = self.peer(who, tab)
            try:
                match what:
                    case "join":
                        await peer.join(model.view, after=0, password=model.password)
                    case "leave":
                        peer.leave(model.view)
                    case "lose":
                        self.peers.pop((who, tab)).drop()
                    case "close":
                        self.peers.pop((who, tab)).close_tab()
                    case "kick":
                        await service.owner.kick(self.visitors[who], model.view.id, self.visitors[target].user)
                    case "kick at the desk":
                        await service.desk.kick(self.teacher, model.view.id, self.visitors[target].user)
                    case "ban":
                        await service.desk.ban(self.teacher, self.visitors[target].user)
                    case "unban":
                        await service.desk.unban(self.teacher, self.visitors[target].user)
                    case "say":
                        await peer.say(model.view, "안녕")
                    case "delete":
                        await service.owner.delete(self.visitors[who], model.view.id)
            except DomainError:
                pass

        async def all_of_them() -> None:
            await asyncio.gather(*(act(*one) for one in acts))
            await self.world.settle()

        self.run(all_of_them())
        self.adopt()

    def adopt(self) -> None:
        """Copy the service's state into the model, after `agree` has checked it."""
        model = self.model
        self.out = {number for number, who in enumerate(self.visitors) if self.world.service.house.is_banned(who.id)}
        room = self.world.service._rooms.get(model.view.id)
        if room is None:
            self.gone()
            return
        numbers = {visitor.id: number for number, visitor in enumerate(self.visitors)}
        tabs = {peer.socket.id: tab for (_, tab), peer in self.peers.items()}
        model.inside = {
            numbers[who]: {tabs[sid] for sid in room.occupancy.sids(who)} for who in room.occupancy.visitors
        }
        model.beside = {numbers[who] for who in room.occupancy.visitors if room.occupancy.is_beside(who)}
        model.admitted = {numbers[who] for who in room.grants}
        model.banned = {numbers[who] for who in room.bans}
        model.owner = numbers[room.owner.id]
        model.owner_came = room.ownership.expected_until is None
        places = room.occupancy._places.items()
        model.lost = {numbers[who] for who, place in places if place.lingers_until is not None}
        model.lingering = {numbers[who] for who in room.occupancy._lingering}
        until = room.occupancy.vacant_until
        model.entered = until is None or until <= self.world.clock.time() + GRACE_S

    # Effects

    def may_own(self, who: int) -> bool:
        """Return whether the visitor may do what an owner may."""
        return who in self.teachers or (who == self.model.owner and who not in self.out | self.model.banned)

    def kicked(self, whom: int) -> None:
        model = self.model
        model.banned.add(whom)
        model.admitted.discard(whom)
        model.lingering.discard(whom)
        if whom in model.inside:
            self.free(whom)
        elif whom == model.owner:
            model.owner_came = True
            model.heir()

    def free(self, who: int, *, lingers: bool = False) -> None:
        del self.model.inside[who]
        self.model.beside.discard(who)
        if lingers:
            self.model.lingering.add(who)
        if who == self.model.owner:
            self.model.owner_came = not lingers
            self.model.heir()

    def gone(self) -> None:
        assert self.world.service._rooms.get(self.model.view.id) is None
        assert self.attempt(self.peer(0, 0).join(self.model.view)) is NoSuchRoom
        self.room = None

    @invariant()
    def agree(self) -> None:
        if not hasattr(self, "world"):
            return
        self.run(self.world.settle())
        service = self.world.service
        # What is made of the lobby is kept as long as its version.
        assert self.listed.setdefault(service.lobby_version, service.lobby()) == service.lobby()
        assert len(service.lobby()) == self.run(self.world.stored("rooms")) == (self.room is not None)
        inside = set() if self.room is None else self.room.inside.keys()
        assert {who for who, visitor in enumerate(self.visitors) if service.places(visitor)} == inside
        if self.room is None:
            for table in ("members", "grants", "bans", "lingering", "chats"):
                assert self.run(self.world.stored(table)) == 0
            return
        model, view = self.room, service.view(self.room.view.id)
        ids = [visitor.id for visitor in self.visitors]
        assert view.members == len(model.places) <= MAX
        assert view.owner == self.visitors[model.owner].user
        assert view.password == (model.password is not None)
        assert view.kept == model.kept
        assert view.frozen == model.frozen
        assert not self.out & model.places.keys()
        assert self.run(self.world.stored("lingering")) == len(model.lingering)
        assert not model.banned & (model.places.keys() | model.admitted)
        stored = self.run(self.world.database.run("SELECT visitor_id FROM members ORDER BY since"))
        assert [who for (who,) in stored] == [ids[who] for who in model.inside]
        stored = self.run(self.world.database.run("SELECT visitor_id FROM members WHERE role = 'teacher'"))
        assert {who for (who,) in stored} == {ids[who] for who in model.beside}
        for table, expected in (("grants", model.admitted), ("bans", model.banned)):
            rows = self.run(self.world.database.run(f"SELECT visitor_id FROM {table}"))
            assert {who for (who,) in rows} == {ids[who] for who in expected}
        [(owner,)] = self.run(self.world.database.run("SELECT owner_id FROM rooms"))
        assert owner == ids[model.owner]


RoomMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
test_a_room_and_its_model_agree = RoomMachine.TestCase
