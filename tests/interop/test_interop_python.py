"""The chat through python-socketio, the client for Python programs."""

import queue
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import socketio

from tests.examples.terminal import Running
from tests.server import Server, Visitor, running, start

MEMBER = Path(__file__).with_name("member.py")
TIMEOUT_S = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("python") / "data", "--grace", "0.2") as server:
        yield server


class Member:
    """A visitor in a room: its client, the answer to its join, and the events received."""

    def __init__(self, visitor: Visitor, room: str, transports: list[str]) -> None:
        self.client = socketio.Client(reconnection=False)
        self.events: queue.Queue[tuple[str, dict[str, object]]] = queue.Queue()
        self.client.on("*", lambda event, body: self.events.put((event, body)), namespace="/chat")
        self.client.connect(
            visitor.url,
            headers={"Cookie": visitor.identity()},
            auth={"from": "Python"},
            transports=transports,
            namespaces=["/chat"],
            wait_timeout=TIMEOUT_S,
        )
        self.joined = self.ask("join", {"room": room})

    def ask(self, event: str, argument: dict[str, object]) -> dict[str, object]:
        answer = self.client.call(event, argument, namespace="/chat", timeout=TIMEOUT_S)
        assert isinstance(answer, dict)
        return answer

    def next(self) -> tuple[str, dict[str, object]]:
        return self.events.get(timeout=TIMEOUT_S)


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]], ids="-".join)
def test_two_python_programs_chat(server: Server, transports: list[str]) -> None:
    owner, guest = server.visitor(), server.visitor()
    room = owner.room("파이썬")
    first = Member(owner, room, transports)
    try:
        second = Member(guest, room, transports)
        try:
            event, record = first.next()
            assert (event, record["event"], record["subject"]) == ("join", "join", second.joined["user"])
            ack = second.ask("chat", {"room": room, "chat": "안녕, 파이썬! 🐍", "nonce": "n1"})
            event, record = first.next()
            assert (event, record["chat"], record["_id"]) == ("chat", "안녕, 파이썬! 🐍", ack["_id"])
            assert "nonce" not in record
            event, record = second.next()
            assert (event, record["nonce"], record["seq"]) == ("chat", "n1", ack["seq"])
        finally:
            second.client.disconnect()
        event, record = first.next()
        assert (event, record["event"]) == ("exit", "exit")
    finally:
        first.client.disconnect()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_python_programs_reconnect_by_themselves_and_miss_nothing(how: signal.Signals, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(running(tmp_path / "data"))
        owner = server.visitor()
        room = owner.room("파이썬")

        def say(chat: str) -> None:
            assert owner.json("POST", f"/room/{room}/chat", json={"chat": chat})[0] == 200

        members = [
            stack.enter_context(Running([sys.executable, MEMBER, server.url, room, *transports], tmp_path))
            for transports in (["websocket"], ["polling"], ["polling", "websocket"])
        ]
        joined = [member.until("^joined #.*")[0] for member in members]
        say("before")
        assert {member.until("before")[0] for member in members} == {"before"}
        server.process.send_signal(how)
        server.process.wait()
        again = start(server.data, port=server.port)
        stack.callback(again.stop)
        say("meanwhile")
        for member, came in zip(members, joined, strict=True):
            # Members return to their held places, so there is no line.
            assert {member.line(), member.line()} == {"meanwhile", came}
        say("after")
        for member in members:
            assert member.line() == "after"
            assert member.end() == []
