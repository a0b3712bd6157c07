"""Connections that send one thing as fast as they are let, as a pupil's script would.

python -m bench.attacker KIND --port PORT --room ID --connections N --rate BYTES --seconds S

Prints `begun` when all are connected, and at the end how much was sent and what ended connections. Who is cut off comes
back.
"""

import argparse
import asyncio
import collections
import contextlib
import json
import os
import random
import re
import signal
import struct
from collections.abc import Callable

from bench.crowd import UPGRADE, masked

STEP_S = 0.01
RETURN_S = 0.5  # before it connects again, as the official client waits
BLOB_BYTES = 256 * 1024
FROM = "127.0.0.2"
"""The attacker's address is another than the bystanders', so that it uses up its own shares only."""

COOKIE = re.compile(rb"Set-Cookie: ([^;\r]+)", re.IGNORECASE)
CLOSING = 0x88


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a small frame of a client's, masked with zero."""
    return struct.pack("!BBI", (0x80 if fin else 0) | opcode, 0x80 | len(payload), 0) + payload


def event(name: str, argument: object, ack: bool = True) -> bytes:
    """Return an event on /chat."""
    return masked(f"42/chat,{'7' if ack else ''}{json.dumps([name, argument])}")


def fragments(payload: bytes) -> bytes:
    """Return as much of one message in fragments as may come before it must end."""
    return frame(1, b"6", fin=False) + frame(0, payload, fin=False) * 900 + frame(0)


KINDS: dict[str, Callable[[str], bytes]] = {
    "pings": lambda _: frame(9),
    "pongs": lambda _: frame(10),
    "typing": lambda room: event("typing", {"room": room}, ack=False),
    "chat": lambda room: event("chat", {"room": room, "chat": "x"}),
    "rejoining": lambda room: event("join", room),
    "join and leave": lambda room: event("leave", room) + event("join", room),
    "namespaces": lambda _: masked("40/nothing,"),
    "unknown events": lambda _: event("x", 0, ack=False),
    "acks": lambda _: masked("43/chat,7[]"),
    "noops": lambda _: masked("6"),
    "Engine.IO pongs": lambda _: masked("3"),
    "one-byte fragments": lambda _: fragments(b"x"),
    "empty fragments": lambda _: fragments(b""),
    "posts": lambda _: b"\x1e".join([b"6"] * 2_000),
}
"""What is sent, over and over; `posts` as the body of a POST, the others as frames."""


class Attack:
    """All connections of one kind, and what became of them."""

    def __init__(self, kind: str, port: int, room: str, rate: float) -> None:
        self.kind, self.port, self.room, self.rate = kind, port, room, rate
        self.sent_bytes = 0
        self.ends: collections.Counter[str] = collections.Counter()

    async def run(self, until: float, begun: asyncio.Semaphore) -> None:
        """Attack by one connection until that time of the loop; connect again whenever it ends."""
        clock = asyncio.get_running_loop().time
        cookie = b""
        while clock() < until:
            try:
                async with asyncio.timeout_at(until):
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(FROM, 0))
                    with contextlib.closing(writer):
                        cookie = await (self.post if self.kind == "posts" else self.flood)(
                            reader, writer, cookie, begun
                        )
            except TimeoutError:
                return
            except (OSError, asyncio.IncompleteReadError) as error:
                self.ends[type(error).__name__] += 1
            await asyncio.sleep(RETURN_S)

    async def flood(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: bytes, begun: asyncio.Semaphore
    ) -> bytes:
        """Join the room by a WebSocket, and send frames; returns the cookie."""
        head = UPGRADE.format(port=self.port).encode()
        writer.write(head[:-2] + (b"Cookie: " + cookie + b"\r\n" if cookie else b"") + b"\r\n")
        came = await reader.readuntil(b"\r\n\r\n")
        found = COOKIE.search(came)
        cookie = found[1] if found else cookie
        writer.write(masked("40/chat,"))
        await reader.readuntil(b'40/chat,{"sid"')
        writer.write(event("join", self.room))
        await reader.readuntil(b"43/chat,7")
        begun.release()
        one = KINDS[self.kind](self.room)
        sending = asyncio.create_task(self.send(writer, one * max(1, BLOB_BYTES // len(one))))
        try:
            await self.listen(reader)
        finally:
            sending.cancel()
        return cookie

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Read until the connection ends, and note the close frame, if that was the last."""
        last = b""
        try:
            while came := await reader.read(1 << 16):
                last = (last + came)[-256:]
        except OSError:
            pass
        at = last.rfind(bytes((CLOSING,)))
        self.ends[f"close {int.from_bytes(last[at + 2 : at + 4], 'big')}" if at >= 0 else "no close frame"] += 1

    async def send(self, writer: asyncio.StreamWriter, blob: bytes) -> None:
        """Send `blob` over and over at the rate; what the socket does not take is not made up for later."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(random.uniform(0, STEP_S))  # not all connections at the same moment
        twice, at, credit, then = blob * 2, 0, 0.0, clock()
        with contextlib.suppress(OSError):
            while True:
                now = clock()
                credit = min(credit + (now - then) * self.rate, self.rate / 10, len(blob))
                then = now
                size = int(credit)
                writer.write(twice[at : at + size])
                at, credit = (at + size) % len(blob), credit - size
                self.sent_bytes += size
                await writer.drain()
                await asyncio.sleep(STEP_S)

    async def post(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cookie: bytes, begun: asyncio.Semaphore
    ) -> bytes:
        """Send POSTs of many packets, one after the other."""
        path = "/socket.io/?EIO=4&transport=polling"

        async def ask(method: str, path: str, body: bytes = b"") -> tuple[bytes, bytes]:
            asked = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nContent-Length: {len(body)}\r\n"
            sent = f"{asked}Cookie: {cookie.decode()}\r\n\r\n" if cookie else f"{asked}\r\n"
            writer.write(sent.encode() + body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head, await reader.readexactly(length)

        head, answer = await ask("GET", path)
        found = COOKIE.search(head)
        cookie = found[1] if found else cookie
        path += f"&sid={json.loads(answer[1:])['sid']}"
        await ask("POST", path, b"40/chat,")
        begun.release()
        body = KINDS[self.kind](self.room)
        await asyncio.sleep(random.uniform(0, len(body) / self.rate))
        while True:
            head, _ = await ask("POST", path, body)
            self.sent_bytes += len(body)
            status = head.split()[1].decode()
            if status != "200":
                self.ends[f"status {status}"] += 1
                return cookie
            await asyncio.sleep(len(body) / self.rate)


async def main() -> None:
    """Attack, and print what became of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--room", required=True)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e6, help="bytes a second, of all connections together")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    os.nice(5)  # the bystanders, on the same core, are to wait for the server only
    if os.sched_getscheduler(0) == os.SCHED_RR:  # the same under `chrt`
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    attack = Attack(options.kind, options.port, options.room, options.rate / options.connections)
    begun = asyncio.Semaphore(0)
    until = asyncio.get_running_loop().time() + options.seconds
    attackers = [asyncio.create_task(attack.run(until, begun)) for _ in range(options.connections)]
    for _ in attackers:
        await begun.acquire()
    print("begun", flush=True)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(until):
            await stopped.wait()
    print(f"{attack.sent_bytes / 1e6:.1f} MB sent, {dict(attack.ends)}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
