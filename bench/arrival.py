"""Clients that come in as the official one does: polling, CONNECT, the probe of a WebSocket, the upgrade, a join."""

import json
import select
import socket
import time

from bench.crowd import PING, PONG, UPGRADE, masked
from bench.poller import complete

HELD_S = 60


class Arrival:
    """One client. Its polls go over one connection, its POST over another; a third becomes the WebSocket."""

    def __init__(self, door: "Door", room: str) -> None:
        self.door = door
        self.room = room
        self.inside = False
        self.asked = self.posting = self.connected = self.probed = self.switched = False
        self.came = {"get": b"", "post": b"", "ws": b""}
        self.path = "/socket.io/?EIO=4&transport=polling"
        self.get = door.connect(self, "get")
        self.poll()

    def poll(self) -> None:
        """Send a GET."""
        self.get.sendall(f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.door.port}\r\n\r\n".encode())
        self.asked = True

    def receive(self, kind: str, data: bytes) -> None:
        """Take what came on one of the connections."""
        if self.inside:
            if PING in data:
                self.ws.sendall(PONG)
            return
        self.came[kind] += data
        if kind == "ws":
            self.on_websocket()
            return
        answer = complete(self.came[kind])
        if answer is None:
            return
        body, self.came[kind] = answer
        if kind == "get":
            self.on_poll(body.decode())
        else:
            self.posting = False
            self.switch()

    def on_poll(self, body: str) -> None:
        """Go on with what a poll was answered with."""
        self.asked = False
        if body.startswith("0"):
            sid = json.loads(body[1:])["sid"]
            self.path += f"&sid={sid}"
            head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.door.port}\r\nContent-Length: 8\r\n\r\n"
            self.post = self.door.connect(self, "post")
            self.post.sendall(f"{head}40/chat,".encode())
            self.posting = True
            self.ws = self.door.connect(self, "ws")
            upgrade = UPGRADE.format(port=self.door.port).replace("websocket HTTP", f"websocket&sid={sid} HTTP")
            self.ws.sendall(upgrade.encode())
        elif body.startswith("40/chat,{"):
            self.connected = True
        elif body != "6":
            raise SystemExit(f"not let in: {body!r}")
        if self.probed:
            self.switch()
        else:
            self.poll()

    def on_websocket(self) -> None:
        """Go on with what the WebSocket brought."""
        came = self.came["ws"]
        if not self.probed and came.endswith(b"\r\n\r\n"):
            if not came.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"refused: {came!r}")
            self.ws.sendall(masked("2probe"))
        elif not self.probed and b"3probe" in came:
            self.probed = True
            self.switch()
        elif b"40/chat,{" in came and not self.connected:
            self.connected = True
            self.join()
        elif b"43/chat,0[" in came:
            if b'"ok":true' not in came:
                return
            self.inside = True
            self.door.joining -= 1
            self.get.close()
            self.post.close()

    def switch(self) -> None:
        """Leave polling, with no request under way; and join."""
        if self.probed and not (self.asked or self.posting or self.switched):
            self.switched = True
            self.ws.sendall(masked("5"))
            if self.connected:
                self.join()

    def join(self) -> None:
        """Ask for the room."""
        self.ws.sendall(masked(f"42/chat,0{json.dumps(['join', self.room])}"))


class Door:
    """All of them, on one epoll."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.epoll = select.epoll()
        self.sockets: dict[int, tuple[Arrival, str, socket.socket]] = {}
        self.joining = 0

    def connect(self, arrival: Arrival, kind: str) -> socket.socket:
        """Return a new connection of a client's."""
        sock = socket.create_connection(("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sockets[sock.fileno()] = arrival, kind, sock
        self.epoll.register(sock, select.EPOLLIN)
        return sock

    def let_in(self, rooms: list[str], at_once: int) -> list[Arrival]:
        """Bring a client into each of `rooms`, `at_once` on the way at a time; return them."""
        arrived: list[Arrival] = []
        deadline = time.monotonic() + HELD_S
        while len(arrived) < len(rooms) or self.joining:
            while len(arrived) < len(rooms) and self.joining < at_once:
                self.joining += 1
                arrived.append(Arrival(self, rooms[len(arrived)]))
            for fd, _ in self.epoll.poll(1):
                arrival, kind, sock = self.sockets[fd]
                if sock.fileno() == fd:  # it was not closed by what came just before
                    arrival.receive(kind, sock.recv(1 << 16))
            if time.monotonic() > deadline:
                raise SystemExit("not all came in")
        return arrived
