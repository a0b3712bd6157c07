"""The real clients: socket.io-client under Node.js, and python-socketio's."""

import asyncio
from contextlib import ExitStack

import pytest
import socketio

from tests.conftest import ROOT
from tests.interop.app import serving
from tests.ports import free_port

CLIENT = ROOT / "tests" / "interop" / "client.js"


async def _start(node: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        node, str(CLIENT), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.parametrize("how", ["polling", "websocket", "upgrade"])
async def test_the_official_client(node: str, how: str) -> None:
    port = free_port()
    with serving(port):
        process = await _start(node, f"http://127.0.0.1:{port}", how)
        told, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    assert told.decode().split() == ["acks", "binary", "large", "order", "namespaces"]


@pytest.mark.parametrize("how", ["polling", "websocket", "upgrade"])
async def test_the_official_client_comes_back_after_a_restart(node: str, how: str) -> None:
    port = free_port()
    with ExitStack() as first:
        first.enter_context(serving(port))
        process = await _start(node, f"http://127.0.0.1:{port}", how, "restart")
        assert process.stdout is not None
        assert await process.stdout.readline() == b"connected\n"
    await asyncio.sleep(0.2)
    with serving(port):
        told, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        assert told == b"reconnected\n"


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
async def test_python_socketio(transports: list[str]) -> None:
    port = free_port()

    def talk() -> None:
        echoed: list[object] = []
        with socketio.SimpleClient() as client:
            client.connect(f"http://127.0.0.1:{port}", transports=transports)
            assert client.transport == transports[-1]
            assert client.call("echo", {"a": [1, "둘"]}, timeout=5) == {"a": [1, "둘"]}
            echoed.append(client.receive(timeout=5))
            assert client.call("echo", b"\x00\xff", timeout=5) == b"\x00\xff"
            echoed.append(client.receive(timeout=5))
            text = "x" * 900_000
            assert client.call("echo", text, timeout=5) == text
            assert client.receive(timeout=5) == ["echoed", text]
            client.emit("many")
            assert [client.receive(timeout=5) for _ in range(500)] == [["number", number] for number in range(500)]
        assert echoed == [["echoed", {"a": [1, "둘"]}], ["echoed", b"\x00\xff"]]

    with serving(port) as engine:
        await asyncio.to_thread(talk)
        async with asyncio.timeout(5):
            while len(engine):
                await asyncio.sleep(0.01)
