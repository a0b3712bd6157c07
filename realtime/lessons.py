"""Chapter 3 of the course on the namespace `/`: `news` every three seconds, and a `reply` that is logged."""

import asyncio
import logging

from realtime.hub import Event, Hub, Socket

log = logging.getLogger("gifchat.lessons")

NEWS = "Hello Socket.IO"
NEWS_EVERY_S = 3.0
LOGGED_LENGTH = 200


class News:
    """Emits `news` to each socket of the namespace, three seconds after it came and every three after that."""

    def __init__(self, hub: Hub) -> None:
        namespace = hub.of("/")
        namespace.on_connect = self._connected
        namespace.on_disconnect = self._disconnected
        namespace.on("reply", self._reply)
        self._due: dict[str, asyncio.TimerHandle] = {}

    def stop(self) -> None:
        """Tell no more news."""
        for due in self._due.values():
            due.cancel()
        self._due.clear()

    def _connected(self, socket: Socket) -> None:
        log.info("connected: %s %s", socket.handshake.address, socket.id)
        self._schedule(socket)

    def _disconnected(self, socket: Socket, reason: str) -> None:
        log.info("disconnected: %s %s", socket.handshake.address, socket.id)
        due = self._due.pop(socket.id, None)
        if due is not None:
            due.cancel()

    def _reply(self, socket: Socket, event: Event) -> None:
        log.info("reply: %s", ascii(event.args[0] if event.args else None)[:LOGGED_LENGTH])

    def _schedule(self, socket: Socket) -> None:
        self._due[socket.id] = asyncio.get_running_loop().call_later(NEWS_EVERY_S, self._tell, socket)

    def _tell(self, socket: Socket) -> None:
        socket.emit("news", NEWS)
        self._schedule(socket)
