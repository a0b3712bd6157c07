"""Which sockets receive which events, in which order and in how many sends."""

import asyncio

import msgspec
import pytest

from realtime.fanout import MAX_BATCH
from realtime.hub import AckTimeout, Disconnected, Handshake, Hub, Namespace, Socket
from realtime.reason import Reason
from tests.doubles import ManualClock, RecordingLink

NOBODY = Handshake(identity=None, address="", referer=None, query={}, auth={})


class World:
    """A hub on a manual clock, with sockets named by letters."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.chat = self.hub.of("/chat")

    def socket(self, *rooms: str, namespace: Namespace | None = None) -> tuple[Socket, RecordingLink]:
        link = RecordingLink()
        socket = Socket(namespace or self.chat, link, NOBODY)
        socket.namespace.add(socket)
        for room in rooms:
            socket.join(room)
        return socket, link


def event(*args: int | str) -> str:
    """Return an event of /chat as encoded on the wire."""
    return "42/chat," + msgspec.json.encode(args).decode()


def test_a_namespace_is_created_once() -> None:
    hub = Hub()
    assert hub.of("/chat") is hub.of("/chat")
    assert list(hub.namespaces) == ["/chat"]


def test_events_of_one_turn_are_batched_into_one_send_per_member() -> None:
    world = World()
    links = [world.socket("a")[1] for _ in range(3)]
    outside = world.socket("b")[1]
    for number in range(3):
        world.chat.to("a").emit("n", number)
    assert all(link.sends == [] for link in links)
    world.clock.turn()
    assert all(link.sends == [[event("n", 0), event("n", 1), event("n", 2)]] for link in links)
    assert outside.sends == []
    world.chat.to("a").emit("n", 3)
    world.clock.turn()
    assert all(link.take()[-1] == event("n", 3) for link in links)


def test_instead_sends_some_sockets_other_arguments_in_the_same_place() -> None:
    world = World()
    (one, first), (two, second), (_, third) = (world.socket("a") for _ in range(3))
    world.chat.to("a").emit("n", 0)
    world.chat.to("a").except_(one.id).emit("n", 1)
    world.chat.to("a").instead([two.id, "gone"], 1, "yours").emit("n", 2)
    world.chat.to("a").emit("n", 3)
    world.clock.turn()
    assert first.sends == [[event("n", 0), event("n", 2), event("n", 3)]]
    assert second.sends == [[event("n", 0), event("n", 1), event("n", 1, "yours"), event("n", 3)]]
    assert third.sends == [[event("n", 0), event("n", 1), event("n", 2), event("n", 3)]]


def test_a_socket_excluded_from_every_event_gets_nothing() -> None:
    world = World()
    (one, first), (_, second) = world.socket("a"), world.socket("a")
    world.chat.to("a").except_(one.id).emit("n", 0)
    world.clock.turn()
    assert (first.sends, second.sends) == ([], [[event("n", 0)]])


def test_a_room_can_be_excluded() -> None:
    world = World()
    (_, both), (_, only) = world.socket("a", "b"), world.socket("a")
    world.chat.to("a").except_("b").emit("n", 0)
    world.chat.except_("b").emit("n", 1)
    world.clock.turn()
    assert (both.take(), only.take()) == ([], [event("n", 0), event("n", 1)])


def test_the_broadcast_operator_is_immutable() -> None:
    world = World()
    (one, first), (_, second) = world.socket("a"), world.socket("a")
    room = world.chat.to("a")
    room.except_(one.id).emit("n", 0)
    room.emit("n", 1)
    world.clock.turn()
    assert (first.take(), second.take()) == ([event("n", 1)], [event("n", 0), event("n", 1)])


def test_a_socket_in_several_target_rooms_gets_one_copy() -> None:
    world = World()
    (one, both), (_, first), (_, second), (_, none) = (
        world.socket(*rooms) for rooms in (("a", "b"), ("a",), ("b",), ())
    )
    world.chat.to("a").emit("n", 0)
    world.chat.to("a", "b").emit("n", 1)
    world.chat.to("a").to("b").except_(one.id).emit("n", 2)
    world.chat.to("b").emit("n", 3)
    world.clock.turn()
    assert both.take() == [event("n", 0), event("n", 1), event("n", 3)]
    assert first.take() == [event("n", 0), event("n", 1), event("n", 2)]
    assert second.take() == [event("n", 1), event("n", 2), event("n", 3)]
    assert none.take() == []


def test_an_event_for_one_socket_keeps_its_order_among_room_events() -> None:
    world = World()
    (one, first), (_, second) = world.socket("a"), world.socket("a")
    world.chat.to("a").emit("n", 0)
    one.emit("n", 1)
    world.chat.to("a").emit("n", 2)
    world.chat.to(one.id).emit("n", 3)
    world.clock.turn()
    assert first.sends == [[event("n", number) for number in range(4)]]
    assert second.sends == [[event("n", 0), event("n", 2)]]


def test_an_event_for_one_socket_keeps_its_order_after_an_event_to_all() -> None:
    world = World()
    (one, first), (_, second) = world.socket("a"), world.socket()
    world.chat.emit("n", 0)
    one.emit("n", 1)
    world.chat.emit("n", 2)
    world.clock.turn()
    assert first.sends == [[event("n", 0), event("n", 1), event("n", 2)]]
    assert second.sends == [[event("n", 0), event("n", 2)]]


def test_an_event_for_one_socket_keeps_its_order_when_one_of_its_rooms_is_flushed_first() -> None:
    world = World()
    (one, both), (_, only), (late, _) = world.socket("a", "b"), world.socket("b"), world.socket()
    world.chat.to("b").emit("n", 0)
    one.emit("n", 1)
    world.chat.to("a").emit("n", 2)
    late.join("a")
    world.clock.turn()
    assert both.take() == [event("n", number) for number in range(3)]
    assert only.take() == [event("n", 0)]


def test_an_event_for_one_socket_keeps_its_order_when_the_socket_joins_another_room() -> None:
    world = World()
    (one, link), (late, _) = world.socket("a"), world.socket()
    world.chat.to("a").emit("n", 0)
    one.emit("n", 1)
    one.join("b")
    world.chat.to("b").emit("n", 2)
    late.join("b")
    world.clock.turn()
    assert link.take() == [event("n", number) for number in range(3)]


def test_flushing_a_long_batch_to_many_sockets_takes_linear_time() -> None:
    world = World()
    members = [world.socket("a") for _ in range(2 * MAX_BATCH)]
    for number, (socket, _) in enumerate(members):
        world.chat.to("a").emit("n", number)
        socket.emit("ack", number)
    world.clock.turn()
    for number, (_, link) in enumerate(members):
        assert len(link.sends) <= 2 * len(members) // MAX_BATCH + 2
        got = link.take()
        assert got.index(event("ack", number)) == got.index(event("n", number)) + 1
        assert len(got) == len(members) + 1


def test_an_event_for_one_socket_keeps_its_order_after_events_to_two_of_its_rooms() -> None:
    world = World()
    (one, both), (_, only) = world.socket("a", "b"), world.socket("b")
    world.chat.to("a").emit("n", 0)
    world.chat.to("b").emit("n", 1)
    one.emit("n", 2)
    world.chat.to("a").emit("n", 3)
    world.clock.turn()
    assert both.take() == [event("n", number) for number in range(4)]
    assert only.take() == [event("n", 1)]


def test_joining_gets_no_earlier_events_and_leaving_gets_all_of_them() -> None:
    world = World()
    (one, leaver), (late, joiner) = world.socket("a"), world.socket()
    world.chat.to("a").emit("n", 0)
    late.join("a")
    world.chat.to("a").emit("n", 1)
    one.leave("a")
    world.chat.to("a").emit("n", 2)
    world.clock.turn()
    assert leaver.take() == [event("n", 0), event("n", 1)]
    assert joiner.take() == [event("n", 1), event("n", 2)]


def test_events_to_a_room_and_to_all_keep_their_order() -> None:
    world = World()
    (_, inside), (_, outside) = world.socket("a"), world.socket()
    world.chat.to("a").emit("n", 0)
    world.chat.emit("n", 1)
    world.chat.to("a").emit("n", 2)
    world.chat.emit("n", 3)
    world.clock.turn()
    assert inside.take() == [event("n", number) for number in range(4)]
    assert outside.take() == [event("n", 1), event("n", 3)]


def test_a_new_socket_gets_no_earlier_events() -> None:
    world = World()
    world.socket()
    world.chat.emit("n", 0)
    _, late = world.socket()
    world.clock.turn()
    assert late.sends == []


def test_an_event_without_receivers_is_not_encoded() -> None:
    world = World()
    world.chat.to("empty").emit("n", object())
    world.chat.emit("n", object())
    world.chat.to("empty", "too").emit("n", object())
    assert world.clock.armed == 0


def test_a_sockets_own_broadcast_excludes_it() -> None:
    world = World()
    (one, first), (_, second), (_, third) = world.socket("a"), world.socket("a"), world.socket()
    one.to("a").emit("n", 0)
    one.broadcast.emit("n", 1)
    world.clock.turn()
    assert first.take() == []
    assert second.take() == [event("n", 0), event("n", 1)]
    assert third.take() == [event("n", 1)]


def test_events_stay_within_their_namespace() -> None:
    world = World()
    _, here = world.socket("a")
    _, there = world.socket("a", namespace=world.hub.of("/"))
    world.hub.of("/").to("a").emit("n", 0)
    world.clock.turn()
    assert (here.take(), there.take()) == ([], ['42["n",0]'])


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error"])
def test_reserved_event_names_cannot_be_emitted(name: str) -> None:
    world = World()
    socket, _ = world.socket()
    with pytest.raises(ValueError, match=name):
        socket.emit(name)


def test_sockets_and_rooms_can_be_listed() -> None:
    world = World()
    (one, _), (two, _) = world.socket("a", "b"), world.socket("a")
    assert world.chat.sockets == {one.id: one, two.id: two}
    assert world.chat.in_room("a") == [one, two]
    assert list(world.chat.to("a").except_(two.id)) == [one]
    assert one.rooms == ("a", "b")
    assert world.chat.rooms.sizes() == {"a": 2, "b": 1}


def test_a_socket_disconnects_only_once() -> None:
    world = World()
    gone: list[tuple[Socket, str, tuple[str, ...]]] = []
    world.chat.on_disconnect = lambda socket, reason: gone.append((socket, reason, socket.rooms))
    socket, link = world.socket("a")
    world.chat.to("a").emit("n", 0)
    socket.disconnect()
    socket.disconnect()
    world.chat.remove(socket, Reason.TRANSPORT_CLOSE)
    assert gone == [(socket, "server namespace disconnect", ())]
    assert link.take() == [event("n", 0), "41/chat,"]
    socket.emit("n", 1)
    socket.join("a")
    world.chat.to("a").emit("n", 2)
    world.clock.turn()
    assert link.take() == []
    assert link.reason is None


def test_disconnect_sockets_can_close_the_connections_of_a_room() -> None:
    world = World()
    (_, first), (_, second), (_, third) = world.socket("a"), world.socket("a"), world.socket()
    world.chat.to("a").disconnect_sockets(close=True)
    assert [link.reason is not None for link in (first, second, third)] == [True, True, False]
    world.chat.disconnect_sockets()
    assert third.take() == ["41/chat,"]
    assert world.chat.sockets == {}


async def test_an_ack_resolves_its_future() -> None:
    world = World()
    socket, link = world.socket()
    first, second = socket.emit_with_ack("q", 1, timeout_s=5), socket.emit_with_ack("q", 2, timeout_s=5)
    assert link.take() == ['42/chat,0["q",1]', '42/chat,1["q",2]']
    socket.acknowledged(1, ("b",))
    socket.acknowledged(0, ("a", 1))
    assert (await first, await second) == (("a", 1), ("b",))
    socket.acknowledged(0, ("again",))
    socket.acknowledged(77, ())
    await asyncio.sleep(0)
    assert world.clock.armed == 0


async def test_an_ack_that_is_late_times_out() -> None:
    world = World()
    socket, _ = world.socket()
    future = socket.emit_with_ack("q", timeout_s=5)
    world.clock.advance(4.9)
    assert not future.done()
    world.clock.advance(0.2)
    with pytest.raises(AckTimeout):
        await future
    socket.acknowledged(0, ("late",))


async def test_a_disconnect_fails_pending_acks() -> None:
    world = World()
    socket, _ = world.socket()
    future = socket.emit_with_ack("q", timeout_s=5)
    socket.disconnect()
    with pytest.raises(Disconnected):
        await future
    with pytest.raises(Disconnected):
        await socket.emit_with_ack("q", timeout_s=5)
    await asyncio.sleep(0)
    assert world.clock.armed == 0


async def test_emit_with_ack_collects_the_acks_of_a_room() -> None:
    world = World()
    (one, _), (_two, _), _ = world.socket("a"), world.socket("a"), world.socket()
    asked = asyncio.ensure_future(world.chat.to("a").emit_with_ack("q", timeout_s=5))
    await asyncio.sleep(0)
    one.acknowledged(0, ("yes",))
    world.clock.advance(6)
    assert await asked == {one.id: ("yes",)}
    assert await world.chat.to("nowhere").emit_with_ack("q", timeout_s=5) == {}
