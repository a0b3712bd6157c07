"""A long-polling member of a room, kept minimal so that the client is not the bottleneck."""

import json
import re
import socket

ACK = b"43/chat,"


class Poller:
    """A long-polling member: one connection, one request at a time."""

    def __init__(self, port: int, room: str) -> None:
        self.port = port
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.path = "/socket.io/?EIO=4&transport=polling"
        opened = json.loads(self.request()[1:])
        self.path += f"&sid={opened['sid']}"
        self.get = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self.request("40/chat,")
        self.request()
        self.request(f"42/chat,0{json.dumps(['join', room])}")
        while ACK.decode() not in self.request():
            pass
        self.sock.setblocking(False)
        self.buffer = b""

    def request(self, body: str | None = None) -> str:
        """Send one request while joining, and return the response's body."""
        method = "GET" if body is None else "POST"
        length = "" if body is None else f"Content-Length: {len(body)}\r\nContent-Type: text/plain\r\n"
        head = f"{method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{length}\r\n"
        self.sock.sendall((head + (body or "")).encode())
        data = b""
        while True:
            data += self.sock.recv(1 << 16)
            answer = complete(data)
            if answer is not None:
                return answer[0].decode()

    def poll(self) -> None:
        """Ask for the next packets."""
        self.sock.send(self.get)

    def receive(self) -> int:
        """Read; after a complete response, poll again and return how many deliveries it contained."""
        self.buffer += self.sock.recv(1 << 18)
        answer = complete(self.buffer)
        if answer is None:
            return 0
        body, self.buffer = answer
        self.poll()
        return body.count(b'42/chat,["chat"')


def unchunked(data: bytes) -> tuple[bytes | None, bytes]:
    """Return a chunked body and the data after it; None while it is incomplete."""
    body = b""
    while True:
        size, end, rest = data.partition(b"\r\n")
        if not end or len(rest) < int(size, 16) + 2:
            return None, b""
        body, data = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        if not int(size, 16):
            return body, data


CHUNKED = re.compile(rb"transfer-encoding: *chunked", re.IGNORECASE)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def complete(data: bytes) -> tuple[bytes, bytes] | None:
    """Return the body of the first response in `data` and the data after it, None while it is incomplete."""
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return None
    if CHUNKED.search(head):
        body, rest = unchunked(rest)
        return None if body is None else (body, rest)
    found = LENGTH.search(head)
    length = int(found[1]) if found else 0
    return (rest[:length], rest[length:]) if len(rest) >= length else None
