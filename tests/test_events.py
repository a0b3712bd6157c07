"""The events of `/chat`: every event is answered to its sender."""

import inspect
import threading

import msgspec
import pytest

from realtime.chat import policy
from realtime.chat.allowances import Limit
from realtime.chat.joining import Joining
from realtime.chat.visitors import Visitors
from realtime.hub import AckArgs
from realtime.socketio.packet import Event
from tests.conftest import ExpectLog
from tests.world import LINGER_S, Peer, World, world

__all__ = ["world"]


async def send(peer: Peer, name: str, argument: object, *, wants_ack: bool = True) -> AckArgs:
    """Handle an event from `peer` as its connection would."""
    result = peer.world.hub.of("/chat").handlers[name](
        peer.socket, Event("/chat", name, (argument,), 7 if wants_ack else None)
    )
    answer = (await result) if inspect.iscoroutine(result) else result
    assert answer is None or isinstance(answer, tuple)
    return answer


async def test_the_first_reaction_does_not_hold_up_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the emoji takes 200 ms, so a thread does it."""
    peer = await world.peer()
    room = await world.room(peer.who)
    await peer.join(room)
    said = await peer.say(room, "안녕")
    policy.emoji.cache_clear()
    threads: list[int] = []
    load = policy.emoji

    def loading() -> frozenset[str]:
        threads.append(threading.get_ident())
        return load()

    monkeypatch.setattr(policy, "emoji", loading)
    monkeypatch.setattr(policy, "is_emoji_known", lambda: load.cache_info().currsize > 0)
    argument = {"room": room.id, "_id": said.id, "emoji": "👍", "on": True}
    (answer,) = await send(peer, "react", argument) or ()
    assert msgspec.to_builtins(answer)["ok"] is True
    assert threads == [threads[0], threading.get_ident()]
    assert threads[0] != threading.get_ident()
    (answer,) = await send(peer, "react", {**argument, "emoji": "a"}) or ()
    assert msgspec.to_builtins(answer)["error"] == "bad_request"
    assert threads[2:] == [threading.get_ident()]


@pytest.mark.parametrize("keep", ["yes", 1])
async def test_leave_takes_a_room_and_whether_to_keep_the_place(world: World, keep: object) -> None:
    peer = await world.peer()
    room = await world.room(peer.who)
    await peer.join(room)
    answer = await send(peer, "leave", {"room": room.id, "keep": keep})
    assert answer == ({"ok": False, "error": "bad_request", "message": "요청을 이해할 수 없습니다."},)
    assert await send(peer, "leave", {"room": room.id, "keep": True}) == ({"ok": True},)
    await world.pass_time(LINGER_S - 1)
    assert world.service.view(room.id).owner == peer.who.user


@pytest.mark.parametrize(
    ("event", "where"),
    [("leave", (Joining, "leave")), ("chat", (Limit, "take")), ("join", (Visitors, "by_id"))],
)
async def test_an_internal_error_is_answered_without_details(
    event: str, where: tuple[type, str], world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.events", f"the event '{event}' failed")
    peer, room = await world.peer(), await world.room()
    await peer.join(room)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("our secret")

    monkeypatch.setattr(*where, broken)
    argument = {"room": room.id, "chat": "안녕"}
    refused = {"ok": False, "error": "internal", "message": "서버에 문제가 생겼습니다."}
    assert await send(peer, event, argument) == (refused,)
    assert await send(peer, event, argument, wants_ack=False) is None
    assert peer.events("problem") == [refused]
