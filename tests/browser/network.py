"""A TCP proxy between browsers and the server that can silently go down and come back."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType

from tests.crash.proxy import Stream, reset

CHUNK_BYTES = 16 * 1024
JOIN_TIMEOUT_S = 30.0
ACCEPT_ITERATIONS = 10  # asyncio takes several between accepting a connection and calling us


class Network:
    """A proxy on `port` for the server at `target`, like an access point. It runs in its own thread."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._deaf = False
        self._silent = False
        self._serving: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}
        self._loop = asyncio.new_event_loop()
        self._there = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def __enter__(self) -> "Network":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(JOIN_TIMEOUT_S)
        self._loop.close()

    def deafen(self) -> None:
        """From now on lose the server's answers; what is sent to it still arrives."""
        self._do(lambda: setattr(self, "_deaf", True))

    def lose(self) -> None:
        """Go down: nothing passes and no browser is notified. The server loses all connections made through it."""

        def lose() -> None:
            self._there.clear()
            for writers in self._serving.values():
                for to_server in writers[1:]:
                    reset(to_server)

        self._do(lose)

    def restore(self, *, silently: bool = False) -> None:
        """Come back: waiting connections get through, and old ones are closed.

        Browsers are notified of the closing; if `silently`, only those that send something.
        """

        def restore() -> None:
            self._deaf = False
            self._silent = silently
            self._there.set()
            for to_browser, *to_server in self._serving.values():
                if to_server and not silently:
                    reset(to_browser)

        self._do(restore)

    def _do(self, work: Callable[[], None]) -> None:
        async def done() -> None:
            work()

        asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    async def _listen(self) -> None:
        self._there.set()
        self._listening = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._listening.close()
        self._there.set()
        for _ in range(ACCEPT_ITERATIONS):
            await asyncio.sleep(0)
        for writers in self._serving.values():
            for writer in writers:
                reset(writer)
        await asyncio.gather(*self._serving)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving[task] = [writer]
        try:
            sent = await self._established(reader)
            if sent is None:
                return
            upstream = await asyncio.open_connection("127.0.0.1", self._target)
            self._serving[task].append(upstream[1])
            upstream[1].write(sent)
            await self._link((reader, writer), upstream)
        except OSError:
            pass
        finally:
            for one in self._serving.pop(task):
                reset(one)

    async def _established(self, browser: asyncio.StreamReader) -> bytes | None:
        """Wait for the network; return what the browser sent until then, None if it gave the connection up.

        Without a network no connection is established, and nothing that is sent over it ever arrives.
        """
        sent = bytearray()

        async def hold() -> None:
            while data := await browser.read(CHUNK_BYTES):
                sent.extend(data)

        if self._there.is_set():
            return b""
        holding, there = asyncio.create_task(hold()), asyncio.create_task(self._there.wait())
        await asyncio.wait([holding, there], return_when=asyncio.FIRST_COMPLETED)
        given_up = holding.done()
        for task in (holding, there):
            task.cancel()
        await asyncio.gather(holding, there, return_exceptions=True)
        return None if given_up else bytes(sent)

    async def _link(self, browser: Stream, server: Stream) -> None:
        up = asyncio.create_task(self._pass(browser[0], server[1], lossy=False))
        down = asyncio.create_task(self._pass(server[0], browser[1], lossy=True))
        try:
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            # A close passes like anything else: not while the network is down.
            while not self._there.is_set() and not browser[1].is_closing():
                await self._there.wait()
            if self._silent:
                up.cancel()
                await asyncio.gather(up, return_exceptions=True)
                await browser[0].read(1)
        finally:
            for way in (up, down):
                way.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, lossy: bool) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if self._deaf and lossy:
                continue
            if not self._there.is_set():
                return
            writer.write(data)
            await writer.drain()
