"""Many raw connections in one process, on epoll, which count messages without decoding them.

A delivery is counted by the beginning of its Socket.IO packet: searching for the two bytes of a frame's header takes
five times as long, and the client would be slower than the fastest server. The server's CPU time is read from /proc.
"""

import json
import os
import re
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from bench.poller import ACK

EVENT = b'42/chat,["'
PING, PONG = b"\x81\x012", b"\x81\x81\0\0\0\x003"
PINGED_AFTER_S = 20  # servers ping 25 s after the handshake
BUFFER = bytearray(1 << 20)
TICKS = os.sysconf("SC_CLK_TCK")
ACKED_ID = re.compile(rb'43/chat,\d+\[\{[^}]*"_id":"(\w{24})"')
SENT_AT = re.compile(rb"T(\d+);")

UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def masked(text: str) -> bytes:
    """Return a client's text frame; its mask is zero, so the payload is unchanged."""
    data = text.encode()
    if len(data) < 126:
        return struct.pack("!BBI", 0x81, 0x80 | len(data), 0) + data
    return struct.pack("!BBHI", 0x81, 0xFE, len(data), 0) + data


class Member:
    """A WebSocket member of one room: connects, joins, then counts."""

    __slots__ = ("acks", "began", "deliveries", "early", "room", "sock", "stage", "tail")

    def __init__(self, port: int, room: str) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(UPGRADE.format(port=port).encode())
        self.sock.setblocking(False)
        self.room = room
        self.stage = 0
        self.early = b""
        self.deliveries = self.acks = 0
        self.began = time.monotonic()
        self.tail = b""

    AWAITED = (b'"sid":', b'40/chat,{"sid"', b"43/chat,0[")

    def advance(self, data: bytes) -> bool:
        """Handle data received while joining; return whether the member has joined."""
        self.early += data
        if PING in data:
            self.sock.send(PONG)
        awaited = self.AWAITED[self.stage]
        if awaited not in self.early:
            if not self.stage and b"\r\n\r\n" in self.early and not self.early.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"rejected: {self.early[:300]!r}")
            return False
        if self.stage == 2 and b'"ok":true' not in self.early.partition(awaited)[2]:
            raise SystemExit(f"join rejected: {self.early[-300:]!r}")
        self.early = b""
        if self.stage == 2:
            return True
        answer = ("40/chat,", f"42/chat,0{json.dumps(['join', self.room])}")[self.stage]
        self.stage += 1
        self.sock.sendall(masked(answer))
        return False

    def count(self, n: int) -> int:
        """Count the deliveries in the first `n` bytes of the buffer."""
        found = BUFFER.count(EVENT, 0, n)
        cut = len(EVENT) - 1  # of a packet's beginning, this much may have come with the last read
        if self.tail:
            found += (self.tail + BUFFER[: min(cut, n)]).count(EVENT)
        self.tail = bytes(BUFFER[n - cut : n]) if n >= cut else (self.tail + BUFFER[:n])[-cut:]
        self.deliveries += found
        if time.monotonic() - self.began > PINGED_AFTER_S and BUFFER.find(PING, 0, n) >= 0:
            self.sock.send(PONG)
        return found


class Crowd:
    """All members, on one epoll."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.epoll = select.epoll()
        self.members: dict[int, Member] = {}

    def join(self, rooms: list[str], at_once: int = 100) -> None:
        """Join one member to each of `rooms`, at most `at_once` at the same time."""
        waiting, joining = list(reversed(rooms)), 0
        while waiting or joining:
            while waiting and joining < at_once:
                member = Member(self.port, waiting.pop())
                self.members[member.sock.fileno()] = member
                self.epoll.register(member.sock, select.EPOLLIN)
                joining += 1
            for fd, _ in self.epoll.poll():
                member = self.members[fd]
                data = member.sock.recv(1 << 16)
                if not data:
                    raise SystemExit(f"closed while joining: {member.early!r}")
                if member.stage < 3:
                    if member.advance(data):
                        member.stage = 3
                        joining -= 1
                elif PING in data:
                    member.sock.send(PONG)

    def read_until(self, moment: float, on_data: Callable[[Member, int, int], None]) -> None:
        """Read and count until a time of `time.perf_counter`."""
        self.pump(lambda: time.perf_counter() >= moment, on_data, 2)

    def pump(
        self, until: Callable[[], bool], on_data: Callable[[Member, int, int], None], timeout_s: float = 30
    ) -> None:
        """Read and count until `until` returns True; `on_data` gets the member, bytes read and deliveries."""
        deadline = time.monotonic() + timeout_s
        while not until():
            for fd, _ in self.epoll.poll(0.001 if timeout_s < 5 else 0.01):
                member = self.members[fd]
                n = member.sock.recv_into(BUFFER)
                if not n:
                    raise SystemExit("closed by the server")
                on_data(member, n, member.count(n))
            if time.monotonic() > deadline:
                raise SystemExit("deliveries are missing")

    def drain(self, quiet_s: float = 0.3) -> None:
        """Read until nothing has arrived for `quiet_s`."""
        while events := self.epoll.poll(quiet_s):
            for fd, _ in events:
                self.members[fd].count(self.members[fd].sock.recv_into(BUFFER))


def chat(room: str, ack: int, length: int = 200) -> bytes:
    """Return a message of `length` characters that contains its send time."""
    text = f"T{time.perf_counter_ns()};".ljust(length, "x")
    return masked(f"42/chat,{ack}{json.dumps(['chat', {'room': room, 'chat': text}])}")


def percentile(values: list[int], share: float) -> float:
    """Return a percentile of values in nanoseconds, in milliseconds; the 99th is a `share` of 0.99."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] / 1e6


def flood(  # noqa: PLR0913  the load's parameters
    crowd: Crowd,
    pid: int,
    in_flight: int,
    messages: int,
    *,
    packet: Callable[[str, int], bytes] = chat,
    ids: list[str] | None = None,
) -> dict[str, float]:
    """Let the first member keep `in_flight` messages in flight until `messages` have been delivered to all.

    `packet` makes a message from its room and ack id, which counts from 1. The ids of the records are added to `ids`.
    """
    sender = next(iter(crowd.members.values()))
    size, total, sent, acked, got = len(crowd.members), messages, 0, 0, 0
    times: list[int] = []
    room = sender.room

    def send() -> None:
        nonlocal sent
        sender.sock.setblocking(True)
        sender.sock.sendall(packet(room, sent + 1))
        sender.sock.setblocking(False)
        sent += 1

    def on_data(member: Member, n: int, deliveries: int) -> None:
        nonlocal acked, got
        got += deliveries
        if in_flight == 1 and deliveries:
            now = time.perf_counter_ns()
            times.extend(now - int(found) for found in SENT_AT.findall(BUFFER, 0, n))
        if member is sender:
            acks = BUFFER.count(ACK, 0, n)
            acked += acks
            if ids is not None:
                ids.extend(found.decode() for found in ACKED_ID.findall(BUFFER, 0, n))
            for _ in range(min(acks, total - sent)):
                if in_flight > 1:
                    send()

    cpu, start = cpu_s(pid), time.perf_counter()
    for _ in range(min(in_flight, total)):
        send()
    if in_flight == 1:
        while True:
            crowd.pump(lambda: got >= sent * size and acked >= sent, on_data)
            if sent >= total:
                break
            send()
    else:
        crowd.pump(lambda: got >= total * size and acked >= total, on_data, 120)
    took, used = time.perf_counter() - start, cpu_s(pid) - cpu
    result = {"deliveries_per_s": got / took, "cpu_us_per_delivery": used / got * 1e6}
    if times:
        result |= {"p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99)}
    return result
