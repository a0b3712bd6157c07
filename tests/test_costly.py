"""No message costs much more to read than to send: each kind of `tests.costly` is refused before it is decoded."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.engineio.states import State
from realtime.socketio import packet
from realtime.unicode import from_json
from tests.costly import CHAT_TOO_LONG, CLOSED, IGNORED, LARGE, WITHIN, Catalogue, Door, Listener

UNDECODED = 100
"""How many characters may be decoded of a message that is refused for what little it holds."""


@pytest.fixture
def door(io_loop: IOLoop, tmp_path: Path) -> Iterator[Door]:
    """Return a server for the messages."""
    made = Door(tmp_path)
    io_loop.run_sync(made.start)
    yield made
    io_loop.run_sync(made.stop)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of the texts decoded since it was last cleared."""
    lengths: list[int] = []

    def counting(text: str) -> object:
        lengths.append(len(text))
        return from_json(text)

    monkeypatch.setattr(packet, "from_json", counting)
    return lengths


async def outcome(listener: Listener) -> str:
    """Return what became of a message: the code it was answered, or `ignored` or `closed`."""
    heard = await listener.heard()
    if listener.session.state is State.CLOSED:
        return CLOSED
    _, bracket, body = heard.partition("[{")
    if not bracket:
        return json.loads(heard[heard.index("{") :])["message"] if "44/" in heard else heard or IGNORED
    return str(json.loads("{" + body[:-1])["error"])


async def still_answers(listener: Listener) -> bool:
    """Return whether the connection is as good as before."""
    listener.session.receiver.message('2/chat,99["typing",{"room":"x"}]')
    return '43/chat,99[{"ok":true}]' in await listener.heard()


async def test_a_costly_message_is_refused_undecoded_and_only_a_violation_closes(
    door: Door, decoded: list[int]
) -> None:
    found: dict[str, str] = {}
    for costly in Catalogue(LARGE, door.room):
        listener = await door.open(costly)
        decoded.clear()
        listener.hand(costly)
        assert sum(decoded) < UNDECODED, costly.name
        found[costly.name] = await outcome(listener)
        assert found[costly.name] == CLOSED or await still_answers(listener), costly.name
    assert found == {costly.name: costly.outcome for costly in Catalogue(LARGE, door.room)}


async def test_a_long_event_within_the_bounds_is_decoded_once(door: Door, decoded: list[int]) -> None:
    for costly in Catalogue(WITHIN, door.room):
        if costly.outcome == CHAT_TOO_LONG:
            listener = await door.open(costly)
            decoded.clear()
            listener.hand(costly)
            assert len(decoded) == 1, costly.name
            assert await outcome(listener) in (CHAT_TOO_LONG, "empty_chat", "not_found", "not_here"), costly.name
