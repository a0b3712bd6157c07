"""The real clients: socket.io-client under Node.js, and python-socketio's."""

import asyncio
from contextlib import ExitStack

import engineio
import pytest
import socketio

from tests.conftest import ROOT
from tests.free_ports import free_port
from tests.interop.app import serving

CLIENT = ROOT / "tests" / "interop" / "client.js"
WAIT_S = 30


class _Reading(engineio.Client):  # type: ignore[misc]  # it publishes no types
    def _trigger_event(self, event: str, *args: object, **options: object) -> object:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class _Client(socketio.Client):  # type: ignore[misc]  # nor does this one
    def _engineio_client_class(self) -> type[engineio.Client]:
        return _Reading


class InOrder(socketio.SimpleClient):  # type: ignore[misc]  # nor does this one
    """The client, but handling each message in the reading thread.

    The original starts a thread for each; on a busy machine they overtake each other, even attachments their packet.
    """

    client_class = _Client


async def _start(node: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        node, str(CLIENT), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize("how", ["polling", "websocket", "upgrade"])
async def test_the_official_client_works(node: str, how: str) -> None:
    port = free_port()
    with serving(port):
        process = await _start(node, f"http://127.0.0.1:{port}", how)
        output, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    assert output.decode().split() == ["acks", "binary", "large", "order", "namespaces"]


@pytest.mark.parametrize("how", ["polling", "websocket", "upgrade"])
async def test_the_official_client_reconnects_after_a_restart(node: str, how: str) -> None:
    port = free_port()
    with ExitStack() as first:
        first.enter_context(serving(port))
        process = await _start(node, f"http://127.0.0.1:{port}", how, "restart")
        assert process.stdout is not None
        assert await process.stdout.readline() == b"connected\n"
    await asyncio.sleep(0.2)  # the client is refused meanwhile
    with serving(port):
        output, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        assert output == b"reconnected\n"


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_python_socketio_works(transports: list[str]) -> None:
    port = free_port()

    def talk() -> None:
        echoed: list[object] = []
        with InOrder() as client:
            client.connect(f"http://127.0.0.1:{port}", transports=transports, wait_timeout=WAIT_S)
            assert client.transport == transports[-1]
            assert client.call("echo", {"a": [1, "둘"]}, timeout=WAIT_S) == {"a": [1, "둘"]}
            echoed.append(client.receive(timeout=WAIT_S))
            assert client.call("echo", b"\x00\xff", timeout=WAIT_S) == b"\x00\xff"
            echoed.append(client.receive(timeout=WAIT_S))
            text = "x" * 900_000
            assert client.call("echo", text, timeout=WAIT_S) == text
            assert client.receive(timeout=WAIT_S) == ["echoed", text]
            client.emit("many")
            assert [client.receive(timeout=WAIT_S) for _ in range(500)] == [["number", number] for number in range(500)]
        assert echoed == [["echoed", {"a": [1, "둘"]}], ["echoed", b"\x00\xff"]]

    with serving(port) as engine:
        await asyncio.to_thread(talk)
        async with asyncio.timeout(WAIT_S):
            while len(engine):
                await asyncio.sleep(0.01)
