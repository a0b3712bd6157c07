"""The one client of all benchmarks: many raw connections in one process, on epoll, that count and do not decode.

python -m bench.client WORKLOAD --port PORT --pid SERVER --rooms ID,ID,…  prints one JSON object.

A delivery is counted by the header of its WebSocket frame: the two bytes 0x81 0x7E, a text frame of 126 bytes or more,
which stand nowhere else, as all that is sent here is ASCII. The server's CPU time is read from /proc.
"""

import argparse
import json
import os
import re
import resource
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from bench.poller import ACK, Poller

FRAME = b"\x81~"
PING, PONG = b"\x81\x012", b"\x81\x81\0\0\0\x003"
BUFFER = bytearray(1 << 20)
IDLE_S = 6  # two of the lessons' beats, with nothing else going on
TICKS = os.sysconf("SC_CLK_TCK")
SENT_AT = re.compile(rb"T(\d+);")

UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process with all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def masked(text: str) -> bytes:
    """Return a client's text frame; its mask is zero, so the payload stands there as it is."""
    data = text.encode()
    if len(data) < 126:
        return struct.pack("!BBI", 0x81, 0x80 | len(data), 0) + data
    return struct.pack("!BBHI", 0x81, 0xFE, len(data), 0) + data


class Member:
    """A WebSocket member of one room: connects, joins, then counts."""

    __slots__ = ("acks", "carry", "deliveries", "early", "room", "sock", "stage")

    def __init__(self, port: int, room: str) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.sendall(UPGRADE.format(port=port).encode())
        self.sock.setblocking(False)
        self.room = room
        self.stage = 0
        self.early = b""
        self.deliveries = self.acks = 0
        self.carry = False

    AWAITED = (b'"sid":', b'40/chat,{"sid"', b"43/chat,0[")

    def advance(self, data: bytes) -> bool:
        """Take what came while joining; return whether the member is in."""
        self.early += data
        if PING in data:
            self.sock.send(PONG)
        awaited = self.AWAITED[self.stage]
        if awaited not in self.early:
            if not self.stage and b"\r\n\r\n" in self.early and not self.early.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"refused: {self.early[:300]!r}")
            return False
        if self.stage == 2 and b'"ok":true' not in self.early.partition(awaited)[2]:
            raise SystemExit(f"join refused: {self.early[-300:]!r}")
        self.early = b""
        if self.stage == 2:
            return True
        answer = ("40/chat,", f"42/chat,0{json.dumps(['join', self.room])}")[self.stage]
        self.stage += 1
        self.sock.sendall(masked(answer))
        return False

    def count(self, n: int) -> int:
        """Count the deliveries in the first `n` bytes of the buffer."""
        found = BUFFER.count(FRAME, 0, n)
        if self.carry and BUFFER[0] == FRAME[1]:
            found += 1
        self.carry = BUFFER[n - 1] == FRAME[0]
        self.deliveries += found
        if BUFFER.find(PING, 0, n) >= 0:
            self.sock.send(PONG)
        return found


class Crowd:
    """All members, on one epoll."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.epoll = select.epoll()
        self.members: dict[int, Member] = {}

    def join(self, rooms: list[str], at_once: int = 100) -> None:
        """Bring one member into each of `rooms`, `at_once` on the way at a time."""
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
        """Read and count until a moment of `time.perf_counter`."""
        self.pump(lambda: time.perf_counter() >= moment, on_data, 2)

    def pump(
        self, until: Callable[[], bool], on_data: Callable[[Member, int, int], None], timeout_s: float = 30
    ) -> None:
        """Read and count until `until`; `on_data` gets the member, how many bytes, how many deliveries."""
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
        """Read until nothing has come for a while."""
        while events := self.epoll.poll(quiet_s):
            for fd, _ in events:
                self.members[fd].count(self.members[fd].sock.recv_into(BUFFER))


def chat(room: str, ack: int, length: int = 200) -> bytes:
    """Return a message of `length` characters that tells when it was sent."""
    text = f"T{time.perf_counter_ns()};".ljust(length, "x")
    return masked(f"42/chat,{ack}{json.dumps(['chat', {'room': room, 'chat': text}])}")


def percentile(values: list[int], share: float) -> float:
    """Return the value below which `share` of the nanoseconds lie, in milliseconds."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] / 1e6


def flood(crowd: Crowd, pid: int, in_flight: int, messages: int) -> dict[str, float]:
    """Have the first member keep `in_flight` messages on their way until `messages` were delivered to all."""
    sender = next(iter(crowd.members.values()))
    size, total, sent, acked, got = len(crowd.members), messages, 0, 0, 0
    times: list[int] = []
    room = sender.room

    def send() -> None:
        nonlocal sent
        sender.sock.setblocking(True)
        sender.sock.sendall(chat(room, sent + 1))
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


def burst(options: argparse.Namespace) -> dict[str, float]:
    """One room of 1,000, one sender with 32 messages in flight."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 1000)
    crowd.drain()
    flood(crowd, options.pid, 32, 96)
    return flood(crowd, options.pid, 32, options.messages or 640)


def lone(options: argparse.Namespace) -> dict[str, float]:
    """One room of 30, one message in flight."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 30)
    crowd.drain()
    flood(crowd, options.pid, 1, 300)
    return flood(crowd, options.pid, 1, options.messages or 4000)


def classroom(options: argparse.Namespace) -> dict[str, float]:
    """30 rooms of 30; everybody sends every 2 s."""
    crowd = Crowd(options.port)
    crowd.join([room for room in options.rooms[:30] for _ in range(30)])
    crowd.drain()
    members = list(crowd.members.values())
    seconds = options.seconds or 15
    times: list[int] = []
    got = 0

    def on_data(member: Member, n: int, deliveries: int) -> None:
        nonlocal got
        now = time.perf_counter_ns()
        got += deliveries
        times.extend(now - int(found) for found in SENT_AT.findall(BUFFER, 0, n))

    gap = 2 / len(members)
    start = time.perf_counter()
    total, cpu = int(seconds / gap), cpu_s(options.pid)
    for number in range(total):
        crowd.read_until(start + number * gap, on_data)
        # Every room's turn comes 15 times a second, and everybody's once in 2 s.
        member = members[(number % 30) * 30 + (number // 30) % 30]
        member.sock.sendall(chat(member.room, number))
    crowd.pump(lambda: got >= total * 30, on_data)
    used = cpu_s(options.pid) - cpu
    return {
        "cpu_share": used / seconds,
        "cpu_us_per_delivery": used / got * 1e6,
        "p50_ms": percentile(times, 0.5),
        "p99_ms": percentile(times, 0.99),
    }


def members(options: argparse.Namespace) -> dict[str, float]:
    """10,000 members join 300 rooms."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 20)  # what a first connection loads is not a member's
    memory, cpu, start = memory_bytes(options.pid), cpu_s(options.pid), time.perf_counter()
    count = options.messages or 10_000
    crowd.join([options.rooms[n % 300] for n in range(count)], at_once=200)
    took, used = time.perf_counter() - start, cpu_s(options.pid) - cpu
    crowd.drain(1)
    return {
        "join_cpu_ms": used / count * 1000,
        "join_ms": took / count * 1000,
        "kib_per_member": (memory_bytes(options.pid) - memory) / count / 1024,
    }


def lessons(options: argparse.Namespace) -> dict[str, float]:
    """As `lone`, and then once more with lesson connections open beside it: streams and WebSockets, one by one."""
    crowd = Crowd(options.port)
    crowd.join(options.rooms[:1] * 30)
    crowd.drain()
    flood(crowd, options.pid, 1, 300)
    alone = flood(crowd, options.pid, 1, options.messages or 4000)
    opened = [lesson(options.port, number) for number in range(options.lessons)]
    cpu = cpu_s(options.pid)
    time.sleep(IDLE_S)  # what is measured is the CPU of a time in which nobody does anything
    idle = (cpu_s(options.pid) - cpu) / IDLE_S
    beside = flood(crowd, options.pid, 1, options.messages or 4000)
    for connection in opened:
        connection.close()
    return {
        "p50_ms": alone["p50_ms"],
        "p99_ms": alone["p99_ms"],
        "p50_ms_beside": beside["p50_ms"],
        "p99_ms_beside": beside["p99_ms"],
        "p99_beside_to_alone": beside["p99_ms"] / alone["p99_ms"],
        "lessons_cpu_share": idle,
    }


def lesson(port: int, number: int) -> socket.socket:
    """Open a lesson's connection at its usual beat. What comes is left in the system's buffers, for hours enough."""
    connection = socket.create_connection(("127.0.0.1", port))
    stream = f"GET /lessons/events?bytes=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    websocket = UPGRADE.format(port=port).replace("/socket.io/?EIO=4&transport=websocket", "/ws?bytes=0")
    connection.sendall((websocket if number % 2 else stream).encode())
    assert connection.recv(65536).startswith((b"HTTP/1.1 200", b"HTTP/1.1 101"))
    return connection


def polling(options: argparse.Namespace) -> dict[str, float]:
    """One room of 200 long-polling members; one sender by WebSocket, one message in flight."""
    room = options.rooms[0]
    crowd = Crowd(options.port)
    crowd.join([room])
    [sender] = crowd.members.values()
    pollers = {poller.sock.fileno(): poller for poller in (Poller(options.port, room) for _ in range(200))}
    for poller in pollers.values():
        crowd.epoll.register(poller.sock, select.EPOLLIN)
        poller.poll()
    seconds = options.seconds or 8
    sent = got = 0
    waiting = False
    start = end = time.perf_counter()
    cpu = cpu_s(options.pid)
    stop = start + seconds
    while got < sent * 200 or end < stop:
        if not waiting and end < stop:
            sender.sock.sendall(chat(room, sent + 1))
            sent += 1
            waiting = True
        for fd, _ in crowd.epoll.poll(0.01):
            if fd in pollers:
                got += pollers[fd].receive()
            else:
                n = sender.sock.recv_into(BUFFER)
                sender.count(n)
                if BUFFER.find(ACK, 0, n) >= 0:
                    waiting = False
        end = time.perf_counter()
        if end > stop + 20:
            raise SystemExit(f"deliveries are missing: {got} of {sent * 200}")
    used = cpu_s(options.pid) - cpu
    return {"deliveries_per_s": got / (end - start), "cpu_us_per_delivery": used / got * 1e6}


WORKLOADS = {
    "burst": burst,
    "lone": lone,
    "classroom": classroom,
    "members": members,
    "polling": polling,
    "lessons": lessons,
}


def main() -> None:
    """Run one workload."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--rooms", type=lambda text: text.split(","), required=True)
    parser.add_argument("--messages", type=int, default=0)
    parser.add_argument("--lessons", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(json.dumps(WORKLOADS[options.workload](options)))


if __name__ == "__main__":
    main()
