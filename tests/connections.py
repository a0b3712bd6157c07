"""A Socket.IO connection without a network, for tests of connections."""

import asyncio

from realtime.bounds import JsonBounds
from realtime.engineio.server import HandshakeRequest, Options, Server
from realtime.hub import AckArgs, Hub, Socket
from realtime.socketio.connection import MAX_UNCONNECTED, Timeouts, acceptor
from realtime.socketio.packet import Event
from tests.doubles import ManualClock, RecordingWebSocket

BOUNDS = JsonBounds(characters=2_000_000, attachments=10)
CONNECTED = '40/chat,{"sid":"'


class World:
    """One peer of a hub, on a WebSocket that only records."""

    def __init__(self, most_unconnected: int = MAX_UNCONNECTED) -> None:
        self.clock = ManualClock()
        self.hub = Hub(self.clock)
        self.chat = self.hub.of("/chat", BOUNDS)
        self.gone: list[str] = []
        self.chat.on_disconnect = lambda socket, reason: self.gone.append(reason)
        options = Options(ping_interval_s=1_000)
        accept = acceptor(self.hub, Timeouts(10, 10), most_unconnected=most_unconnected)
        self.server = Server(accept, options=options, clock=self.clock)
        self.websocket = RecordingWebSocket()
        handshake = HandshakeRequest("somebody", "10.0.0.7", "http://x/room/1", {"v": "1"})
        self.session, _ = self.server.open(handshake, self.websocket)

    def receive(self, *frames: str | bytes) -> list[str]:
        """Receive frames from the peer; return the packets sent in answer."""
        for frame in frames:
            self.session.frame(self.websocket, frame)
        return self.websocket.take()

    def connect(self) -> Socket:
        (answer,) = self.receive("40/chat,")
        assert answer.startswith(CONNECTED)
        (socket,) = list(self.chat.sockets.values())[-1:]
        return socket

    def hold(self, name: str) -> asyncio.Event:
        """Make the handler of an event wait until the returned Event is set."""
        opened = asyncio.Event()

        async def wait(socket: Socket, event: Event) -> AckArgs:
            await opened.wait()
            return None

        self.chat.on(name, wait)
        return opened


async def turns(count: int = 5) -> None:
    """Let pending tasks run for a few turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)
