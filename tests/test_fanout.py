"""In any sequence of emits, joins and leaves, every socket gets its events once and in order."""

from collections import defaultdict

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.hub import Handshake, Hub, Socket
from realtime.reason import Reason
from tests.doubles import ManualClock, RecordingLink

NOBODY = Handshake(identity=None, address="", referer=None, query={}, auth={})
ROOMS = ("a", "b")
PEOPLE = 3

who = st.integers(0, PEOPLE - 1)
room = st.sampled_from(ROOMS)
steps = st.one_of(
    st.tuples(st.just("room"), room),
    st.tuples(st.just("room"), room),
    st.tuples(st.just("others"), who, room),
    st.tuples(st.just("instead"), who, room),
    st.tuples(st.just("all")),
    st.tuples(st.just("alone"), who),
    st.tuples(st.just("alone"), who),
    st.tuples(st.just("join"), who, room),
    st.tuples(st.just("leave"), who, room),
    st.tuples(st.just("connect"), who),
    st.tuples(st.just("disconnect"), who),
    st.tuples(st.just("turn")),
)


class World:
    """Three sockets on a hub, and the numbers that each must receive, by room."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.chat = Hub(self.clock).of("/chat")
        self.sockets: dict[int, Socket] = {}
        self.links: list[RecordingLink] = []
        self.due: list[dict[str, list[int]]] = []
        self.number = 0
        for person in range(PEOPLE):
            self.links.append(RecordingLink())
            self.due.append(defaultdict(list))
            self.connect(person)
        for room in ROOMS:
            self.sockets[0].join(room)

    def connect(self, who: int) -> None:
        if who not in self.sockets:
            self.sockets[who] = Socket(self.chat, self.links[who], NOBODY)
            self.chat.add(self.sockets[who])

    def disconnect(self, who: int) -> None:
        if who in self.sockets:
            self.chat.remove(self.sockets.pop(who), Reason.TRANSPORT_CLOSE)

    def expect(self, where: str, people: list[int]) -> int:
        """Record that `people` get the next number, and return it. One for a single socket is ordered in every room."""
        self.number += 1
        for person in people:
            for one in (where,) if where in ROOMS else ROOMS:
                self.due[person][one].append(self.number)
        return self.number

    def inside(self, room: str) -> list[int]:
        return [person for person, socket in self.sockets.items() if room in socket.rooms]

    def take(self, step: tuple[str | int, ...]) -> None:
        match step:
            case ("room", str(room)):
                self.chat.to(room).emit("n", self.expect(room, self.inside(room)))
            case ("others", int(who), str(room)) if who in self.sockets:
                number = self.expect(room, [person for person in self.inside(room) if person != who])
                self.sockets[who].to(room).emit("n", number)
            case ("instead", int(who), str(room)) if who in self.sockets:
                number = self.expect(room, self.inside(room))
                self.chat.to(room).instead([self.sockets[who].id], number, "own").emit("n", number)
            case ("all",):
                self.chat.emit("n", self.expect("all", list(self.sockets)))
            case ("alone", int(who)) if who in self.sockets:
                self.sockets[who].emit("n", self.expect("alone", [who]))
            case ("join", int(who), str(room)) if who in self.sockets:
                self.sockets[who].join(room)
            case ("leave", int(who), str(room)) if who in self.sockets:
                self.sockets[who].leave(room)
            case ("connect", int(who)):
                self.connect(who)
            case ("disconnect", int(who)):
                self.disconnect(who)
            case ("turn",):
                self.clock.turn()

    def got(self, who: int) -> list[int]:
        return [msgspec.json.decode(packet.partition(",")[2])[1] for packet in self.links[who].take()]


@settings(max_examples=300)
@given(st.lists(steps, max_size=20))
def test_every_socket_gets_its_events_once_and_in_order(taken: list[tuple[str | int, ...]]) -> None:
    world = World()
    for step in taken:
        world.take(step)
    world.clock.turn()
    for person in range(PEOPLE):
        got = world.got(person)
        assert sorted(got) == sorted({number for due in world.due[person].values() for number in due})
        for due in world.due[person].values():
            assert [number for number in got if number in due] == due
