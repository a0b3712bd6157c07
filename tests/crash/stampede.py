"""Everybody comes back at once: thousands of sockets after a restart, each waiting as the official client does.

All are in one process and on one epoll, since thousands of the real client would need more processor than the server.
"""

import heapq
import json
import random
import select
import signal
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.crowd import UPGRADE, cpu_s, masked, memory_bytes
from realtime.engineio.framing import OP_TEXT, OPCODE
from tests.crash.ledger import Json, Ledger, Said
from tests.crash.people import RECORDS
from tests.crash.process import assert_log, spawn
from tests.server import Server, Visitor

ROOM_SIZE = 30
SPEAKERS = 3  # of a room: they speak as soon as they are inside, when others are not yet
AT_ONCE = 200  # at the beginning
PHASE_TIMEOUT_S = 120.0
READ_BYTES = 1 << 16
DELAY_S, MOST_DELAY_S, RANDOMNESS = 1.0, 5.0, 0.5
"""The official client's: reconnectionDelay, reconnectionDelayMax and randomizationFactor."""


def delay_s(attempt: int, rng: random.Random) -> float:
    """Return how long socket.io-client waits before that attempt to reconnect, from 0 (its file contrib/backo2.ts)."""
    delay = DELAY_S * (1 << attempt)
    deviation = rng.random() * RANDOMNESS * delay
    return min(delay + rng.choice((-deviation, deviation)), MOST_DELAY_S)


def frames(data: bytearray) -> Iterator[bytes]:
    """Take the complete frames from the beginning of `data`; yield the payloads of texts."""
    while len(data) >= 2:
        length, start = data[1], 2
        if length >= 126:
            form = struct.Struct("!H" if length == 126 else "!Q")
            start += form.size
            if len(data) < start:
                return
            [length] = form.unpack_from(data, 2)
        if len(data) < start + length:
            return
        opcode, payload = data[0] & OPCODE, bytes(data[start : start + length])
        del data[: start + length]
        if opcode == OP_TEXT:
            yield payload


class Member:
    """One visitor in one room, with one socket at a time."""

    def __init__(self, stampede: "Stampede", number: int, room: str) -> None:
        self.number = number
        self.room = room
        self.user = ""
        self.sock: socket.socket | None = None
        self.open = self.inside = self.settled = False
        self.speaks = False
        self._stampede = stampede
        self._cookie = ""
        self._attempts = self._said = 0
        self._came = bytearray()

    def connect(self) -> None:
        """Begin to connect."""
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect_ex(("127.0.0.1", self._stampede.port))
        self._came.clear()
        self.open = False
        self._stampede.watch(self, select.EPOLLOUT)

    def connected(self) -> None:
        """Ask for the WebSocket."""
        assert self.sock is not None
        cookie = f"Cookie: {self._cookie}\r\n\r\n" if self._cookie else "\r\n"
        self.sock.send(UPGRADE.format(port=self._stampede.port).removesuffix("\r\n").encode() + cookie.encode())
        self._stampede.watch(self, select.EPOLLIN)

    def lost(self) -> None:
        """Come back later."""
        assert self.sock is not None
        self.sock.close()
        self.sock = None
        self.inside = False
        self._stampede.later(self, delay_s(self._attempts, self._stampede.rng))
        self._attempts += 1

    def receive(self, data: bytes) -> None:
        """Go on with what has arrived."""
        self._came += data
        if not self.open:
            head, end, _ = bytes(self._came).partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            del self._came[: len(head) + len(end)]
            self.open = True
            if not self._cookie:
                self._cookie = head.decode().partition("Set-Cookie: ")[2].partition(";")[0]
        for payload in frames(self._came):
            self._packet(payload.decode())

    def ask(self, number: int, event: str, argument: Json) -> None:
        """Emit an event that is answered under this number: 0 joins, 1 settles, others are messages."""
        assert self.sock is not None
        self.sock.send(masked(f"42/chat,{number}{json.dumps([event, argument])}"))

    def say(self) -> None:
        """Say something new."""
        self._said += 1
        nonce = f"{self.number}-{self._said}"
        self._stampede.ledger.send(Said(self.user, self.room, nonce))
        self.ask(1 + self._said, "chat", {"room": self.room, "chat": f"{nonce} 안녕", "nonce": nonce})

    def settle(self) -> None:
        """Set `settled` when everything on its way has arrived."""
        self.settled = False
        self.ask(1, "leave", {"room": "0" * 24})

    def _packet(self, packet: str) -> None:
        if packet == "2":
            assert self.sock is not None
            self.sock.send(masked("3"))
        elif packet.startswith("0"):
            assert self.sock is not None
            self.sock.send(masked("40/chat,{}"))
        elif packet.startswith("40/chat,"):
            self._join()
        elif packet.startswith("42/chat,"):
            event, argument = json.loads(packet[8:])
            assert event != "problem", argument
            if event in RECORDS:
                self._stampede.ledger.hear(self.user, argument)
        elif packet.startswith("43/chat,"):
            number, _, body = packet[8:].partition("[")
            self._answered(int(number), json.loads(f"[{body}")[0])

    def _join(self) -> None:
        self.ask(0, "join", {"room": self.room, "after": self._stampede.ledger.position(self.user, self.room)})

    def _answered(self, number: int, answer: Json) -> None:
        ledger = self._stampede.ledger
        if number == 1:
            self.settled = True
            return
        assert answer["ok"], answer
        if number > 1:
            ledger.acknowledge(Said(self.user, self.room, f"{self.number}-{number - 1}"), answer)
            return
        missed, seq = answer["missed"], answer["seq"]
        assert isinstance(missed, list) and isinstance(seq, int)
        self.user = str(answer["user"])
        if ledger.position(self.user, self.room) is None:
            ledger.begin(self.user, self.room, seq)
        for record in missed:
            ledger.hear(self.user, record)
        if answer["more"]:
            self._join()
            return
        self.inside, self._attempts = True, 0
        self._stampede.arrived(self)
        if self.speaks:
            self.say()


class Stampede:
    """One run. `back_s`: when each was in their room again, after the restarted server began to listen.

    `since_s`: when the last was, after the connections were lost. `cpu_s` and `memory_mib`: the server's by then.
    """

    def __init__(self, data: Path, seed: int) -> None:
        self.ledger = Ledger()
        self.rng = random.Random(seed)
        self.port = 0
        self.back_s: list[float] = []
        self.since_s = self.cpu_s = self.memory_mib = 0.0
        self._data = data
        self._epoll = select.epoll()
        self._members: list[Member] = []
        self._by_fd: dict[int, Member] = {}
        self._due: list[tuple[float, int]] = []
        self._arrivals: list[float] = []
        self._server: Server | None = None

    def run(self, count: int, within_s: float) -> None:
        """Restart the server under `count` members; assert that all are back within that time, and miss nothing."""
        try:
            self._run(count, within_s)
        finally:
            for member in self._members:
                if member.sock is not None:
                    member.sock.close()
            if self._server is not None and self._server.process.poll() is None:
                self._server.process.kill()
                self._server.process.wait()

    def _run(self, count: int, within_s: float) -> None:
        self._server = server = spawn(self._data)
        server.wait_until_up()
        self.port = server.port
        self._gather(count, server.visitor())
        for member in self._members:
            member.speaks = member.number % ROOM_SIZE < SPEAKERS
            if member.speaks:
                member.say()  # perhaps stored and not sent, or not stored
        server.process.send_signal(signal.SIGTERM)
        self._pump(lambda: not any(member.inside for member in self._members))
        began = time.monotonic()
        self._pump(lambda: server.process.poll() is not None)
        assert server.process.returncode == 0, server.stderr
        assert_log(server)
        self._arrivals.clear()
        self._server = server = spawn(self._data, port=self.port)
        self._pump(lambda: any(member.sock is not None and member.open for member in self._members))
        up = time.monotonic()
        self._pump(self._all_inside)
        self.back_s = sorted(moment - up for moment in self._arrivals)
        self.since_s = max(self._arrivals) - began
        self.cpu_s = cpu_s(server.process.pid)
        self.memory_mib = memory_bytes(server.process.pid) / (1 << 20)
        for member in self._members:
            member.settle()
        self._pump(lambda: all(member.settled for member in self._members))
        server.process.send_signal(signal.SIGTERM)
        self._pump(lambda: server.process.poll() is not None)
        self._audit(count, within_s)

    def _gather(self, count: int, maker: Visitor) -> None:
        rooms = [maker.room(f"방 {number}", max=ROOM_SIZE) for number in range(-(-count // ROOM_SIZE))]
        for number in range(count):
            member = Member(self, number, rooms[number // ROOM_SIZE])
            self._members.append(member)
            member.connect()
            self._pump(lambda: sum(not one.inside for one in self._members[-AT_ONCE * 2 :]) < AT_ONCE)
        self._pump(self._all_inside)

    def _audit(self, count: int, within_s: float) -> None:
        lines = Counter(row.event for row in self.ledger.audit(self._data) if row.event is not None)
        assert lines == {"join": count}, f"somebody lost their place: {lines}"
        assert self.back_s[-1] <= within_s, f"the last was back after {self.back_s[-1]:.1f} s"

    def _all_inside(self) -> bool:
        return len(self._arrivals) >= len(self._members) and all(member.inside for member in self._members)

    # For the members.

    def watch(self, member: Member, events: int) -> None:
        """Wait for these events of the member's socket."""
        assert member.sock is not None
        fd = member.sock.fileno()
        if self._by_fd.get(fd) is member and events == select.EPOLLIN:
            self._epoll.modify(fd, events)
        else:
            self._by_fd[fd] = member
            self._epoll.register(fd, events)

    def later(self, member: Member, seconds: float) -> None:
        """Let the member connect after that time."""
        heapq.heappush(self._due, (time.monotonic() + seconds, member.number))

    def arrived(self, member: Member) -> None:
        """Note that the member is in their room."""
        self._arrivals.append(time.monotonic())

    def _pump(self, until: Callable[[], bool]) -> None:
        """Let the members go on until `until` returns True."""
        deadline = time.monotonic() + PHASE_TIMEOUT_S
        while not until():
            for fd, events in self._epoll.poll(0.01):
                member = self._by_fd[fd]
                if member.sock is None or member.sock.fileno() != fd:
                    continue
                self._go_on(member, events)
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                self._members[heapq.heappop(self._due)[1]].connect()
            assert now < deadline, "not all came"

    def _go_on(self, member: Member, events: int) -> None:
        assert member.sock is not None
        try:
            if events & select.EPOLLOUT:
                error = member.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    raise OSError(error, "refused")
                member.connected()
                return
            data = member.sock.recv(READ_BYTES)
        except OSError:
            data = b""
        if data:
            member.receive(data)
        else:
            member.lost()
