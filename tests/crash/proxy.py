"""A bad network: a TCP proxy that drops connections, stalls them, and cuts them in the middle of a frame.

It keeps TCP's guarantees: bytes arrive in order and unchanged, or not at all. Each connection's faults come from the
seed and the connection's number. The test begins and ends outages of the whole network.
"""

import asyncio
import random
import socket
import struct
from collections import Counter
from contextlib import suppress
from enum import StrEnum

CHUNK_BYTES = 16 * 1024
QUIET_BYTES = 24_000  # passed on between two faults, on average
DRIBBLED_BYTES = 100
RESET = struct.pack("ii", 1, 0)  # SO_LINGER on with zero time: closing sends a reset
BACKLOG = 128
CONNECT_TIMEOUT_S = 5.0


class Fault(StrEnum):
    """A fault of a connection; all but the first two end it."""

    STALL = "stall"  # nothing passes for a while, in one direction
    DRIBBLE = "dribble"  # a piece passes byte by byte
    RESET = "reset"  # both sides see a reset in the middle of the data
    CLOSE = "close"  # both sides see a close in the middle of the data
    BLACKHOLE = "blackhole"  # data from both sides is swallowed for a while, then a reset
    HALF = "half"  # the client is cut off, and the server learns of it only later
    REFUSED = "refused"  # closed at once


ENDINGS = (Fault.RESET, Fault.CLOSE, Fault.BLACKHOLE, Fault.HALF)


class Proxy:
    """Between clients and the server at `port`. `faults` counts the faults made; without a `seed` there are none."""

    def __init__(self, port: int, seed: int | None = None) -> None:
        self.faults: Counter[Fault] = Counter()
        self.port = 0
        self.through = asyncio.Event()
        self.through.set()
        self._target = port
        self._seed = seed
        self._connections = 0
        self._calm = asyncio.Event()
        if seed is None:
            self._calm.set()
        self._listening = socket.socket()
        self._accepting: asyncio.Task[None] | None = None
        self._serving: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> "Proxy":
        self._listening.bind(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self._listening.listen(BACKLOG)
        self.port = self._listening.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._accepting is not None
        self._accepting.cancel()
        await asyncio.wait([self._accepting])
        self.calm()
        self.end_outage(resets=True)
        self._listening.close()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def calm(self) -> None:
        """Make no more faults: from now on everything passes, and connections due to be cut are cut now."""
        self._calm.set()

    def begin_outage(self) -> None:
        """Forward nothing, close nothing and answer no SYN, like an access point that vanishes."""
        self.through.clear()
        self._listening.listen(0)

    def end_outage(self, *, resets: bool = False) -> None:
        """Forward what was sent meanwhile; or, if it `resets`, drop that and reset existing connections."""
        self._listening.listen(BACKLOG)
        if resets:
            for serving in self._serving:
                serving.cancel()
        self.through.set()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self.through.wait()
            client, _ = await loop.sock_accept(self._listening)
            reader, writer = await asyncio.open_connection(sock=client)
            serving = asyncio.create_task(self._serve(reader, writer))
            self._serving[serving] = writer
            serving.add_done_callback(self._serving.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        rng = random.Random(f"{self._seed} {self._connections}")
        try:
            if not self._calm.is_set() and rng.random() < 0.1:
                self.faults[Fault.REFUSED] += 1
                return
            await self.through.wait()
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                upstream = await asyncio.open_connection("127.0.0.1", self._target)
            await _Link(self, rng, (reader, writer), upstream).run()
        except OSError:
            pass
        finally:
            reset(writer)

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until `calm`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._calm.wait()

    @property
    def bad(self) -> bool:
        return not self._calm.is_set()


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy, rng: random.Random, client: Stream, server: Stream) -> None:
        self._proxy = proxy
        self._rng = rng
        self._client = client
        self._server = server
        self._plan()

    async def run(self) -> None:
        """Forward data until one side or a fault ends the connection."""
        ways = [
            asyncio.create_task(self._pass(self._client[0], self._server[1])),
            asyncio.create_task(self._pass(self._server[0], self._client[1])),
        ]
        try:
            ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await self._proxy.through.wait()
            faults = [way.result() for way in ended if way.exception() is None]
            for way in ways:
                way.cancel()
            await self._end(next((fault for fault in faults if fault is not None), Fault.CLOSE))
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            reset(self._server[1])

    def _plan(self) -> None:
        """Choose the next fault, and after how many bytes in either direction it happens."""
        self._quiet = int(self._rng.expovariate(1 / QUIET_BYTES))
        self._next: Fault = self._rng.choice([Fault.STALL, Fault.DRIBBLE, *ENDINGS])

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Fault | None:
        """Forward one direction; return the fault that ended the connection, or None if the sender closed it."""
        while data := await reader.read(CHUNK_BYTES):
            await self._proxy.through.wait()
            if not self._proxy.bad or len(data) <= self._quiet:
                self._quiet = max(0, self._quiet - len(data))
                writer.write(data)
                await writer.drain()
                continue
            fault, rest = self._next, data[self._quiet :]
            writer.write(data[: self._quiet])
            await writer.drain()
            self._plan()
            self._proxy.faults[fault] += 1
            if fault in ENDINGS:
                return fault
            if fault is Fault.STALL:
                await self._proxy.pause(self._rng.uniform(0.05, 1.2))
            for place in range(DRIBBLED_BYTES if fault is Fault.DRIBBLE else 0):
                writer.write(rest[place : place + 1])
                await self._proxy.pause(0.002)
            writer.write(rest[DRIBBLED_BYTES:] if fault is Fault.DRIBBLE else rest)
        return None

    async def _end(self, fault: Fault) -> None:
        client, server = self._client[1], self._server[1]
        if fault is Fault.CLOSE:
            client.close()
            server.close()
            return
        if fault is Fault.HALF:
            reset(client)
        if fault in (Fault.HALF, Fault.BLACKHOLE):
            await self._proxy.pause(self._rng.uniform(0.2, 2))
        reset(client)
        reset(server)


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset a connection unless it is closing already; data in flight is lost."""
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()
