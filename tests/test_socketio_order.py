"""The order in which a connection's events are handled and acknowledged, and what may wait for them."""

import asyncio

import pytest

from realtime.deferred import Deferred, failed
from realtime.engineio.buffers import CONNECTION_BYTES
from realtime.hub import AckArgs, Later, Socket
from realtime.socketio.packet import Event
from realtime.socketio.waiting import MAX_WAITING_EVENTS
from tests.conftest import ExpectLog
from tests.connections import World, turns


async def test_a_coroutine_handler_delays_the_next_event() -> None:
    world = World()
    order: list[object] = []
    opened = asyncio.Event()

    async def slow(socket: Socket, event: Event) -> AckArgs:
        order.append("begin")
        await opened.wait()
        order.append("end")
        return event.args

    world.chat.on("slow", slow)
    world.chat.on("fast", lambda socket, event: order.append("fast"))
    world.connect()
    world.receive('42/chat,1["slow",1]', '42/chat,["fast"]', '42/chat,2["slow",2]', "41/chat,")
    await turns()
    assert order == ["begin"]
    opened.set()
    await turns()
    assert order == ["begin", "end", "fast", "begin", "end"]
    assert world.websocket.take() == ["43/chat,1[1]", "43/chat,2[2]"]
    assert world.gone == ["client namespace disconnect"]


async def test_a_later_answer_does_not_delay_the_next_event() -> None:
    world = World()
    results: list[Deferred[AckArgs]] = []

    def handler(socket: Socket, event: Event) -> Later:
        results.append(Deferred())
        return Later(results[-1], Deferred.result)

    world.chat.on("n", handler)
    world.connect()
    world.receive(*(f'42/chat,{number}["n"]' for number in range(3)))
    assert len(results) == 3
    results[1].set_result(["b"])
    results[0].set_result(["a"])
    assert world.websocket.take() == ['43/chat,1["b"]', '43/chat,0["a"]']


async def test_an_asynchronous_failure_is_logged(expect_log: ExpectLog) -> None:
    expect_log("realtime.socketio.connection", "handler of 'coroutine' in /chat failed")
    expect_log("realtime.socketio.connection", "handler of 'later' in /chat failed")
    world = World()

    async def coroutine(socket: Socket, event: Event) -> AckArgs:
        raise KeyError

    def later(socket: Socket, event: Event) -> Later:
        return Later(failed(KeyError()), Deferred.result)

    world.chat.on("coroutine", coroutine)
    world.chat.on("later", later)
    world.chat.on("n", lambda socket, event: event.args)
    world.connect()
    world.receive('42/chat,1["coroutine"]', '42/chat,2["later"]', '42/chat,3["n"]')
    await turns()
    assert world.websocket.take() == ["43/chat,3[]"]


async def test_a_handler_can_await_an_ack_from_its_own_peer() -> None:
    world = World()

    async def ask(socket: Socket, event: Event) -> AckArgs:
        return await socket.emit_with_ack("question", timeout_s=5)

    world.chat.on("ask", ask)
    world.connect()
    world.receive('42/chat,1["ask"]')
    await turns()
    assert world.websocket.take() == ['42/chat,0["question"]']
    world.receive('43/chat,0["answer"]')
    await turns()
    assert world.websocket.take() == ['43/chat,1["answer"]']


async def test_the_queue_behind_a_coroutine_is_bounded_in_events() -> None:
    world = World()
    opened = world.hold("slow")
    world.connect()
    world.receive(*['42/chat,["slow"]'] * (MAX_WAITING_EVENTS + 1))
    assert not world.websocket.closed()
    world.receive('42/chat,["slow"]')
    assert world.websocket.closed()
    assert world.gone == ["parse error"]
    opened.set()
    await turns()


@pytest.mark.parametrize(
    "event",
    [
        ['42/chat,["quick","%s"]' % ("x" * 1_000_000)],
        ['451-/chat,["quick",{"_placeholder":true,"num":0}]', bytes(1_000_000)],
    ],
    ids=["text", "binary"],
)
async def test_the_queue_behind_a_coroutine_is_bounded_in_bytes(event: list[str | bytes]) -> None:
    world = World()
    turn = asyncio.Semaphore(0)
    quick: list[Event] = []

    async def slow(socket: Socket, event: Event) -> AckArgs:
        await turn.acquire()
        return None

    world.chat.on("slow", slow)
    world.chat.on("quick", lambda socket, event: quick.append(event))
    world.connect()
    large = CONNECTION_BYTES // 1_000_000
    world.receive('42/chat,["slow"]')
    for _ in range(2):  # handled events no longer count, although the queue is never empty
        world.receive(*event * large, '42/chat,["slow"]')
        assert not world.websocket.closed()
        turn.release()
        await turns()
        assert len(quick) == large
        quick.clear()
    world.receive(*event * (large + 1))
    assert world.websocket.closed()
    turn.release()
    await turns()
    assert quick == []


async def test_a_handler_runs_to_its_end_when_its_peer_disconnects() -> None:
    world = World()
    opened, done = asyncio.Event(), asyncio.Event()

    async def slow(socket: Socket, event: Event) -> AckArgs:
        await opened.wait()
        done.set()
        return [1]

    world.chat.on("slow", slow)
    world.connect()
    world.receive('42/chat,1["slow"]', '42/chat,2["slow"]')
    await turns()
    world.session.lost(world.websocket)
    opened.set()
    await done.wait()
    await turns()
    assert world.websocket.take() == []


async def test_a_violation_queued_behind_a_coroutine_closes_the_connection() -> None:
    world = World()
    opened = world.hold("slow")
    world.connect()
    world.receive('42/chat,["slow"]', '42/never,["n"]')
    assert not world.websocket.closed()
    opened.set()
    await turns()
    assert world.websocket.closed()
