"""A Socket.IO client on long polling alone, as `tests.crash.wire` is one on a WebSocket."""

import itertools
import json

from tests.client import Answer, Browser
from tests.crash.ledger import Json
from tests.crash.wire import Lost

APART = "\x1e"
PATH = "/socket.io/?EIO=4&transport=polling"


class Polling:
    """One socket on /chat, of the visitor of a browser. Not used by two tasks at once."""

    def __init__(self, browser: Browser, path: str) -> None:
        self._browser = browser
        self._path = path
        self._ids = itertools.count()

    @classmethod
    async def open(cls, browser: Browser) -> "Polling":
        """Connect. Raises Lost."""
        opened = json.loads(_text(await browser.get(PATH))[1:])
        polling = cls(browser, f"{PATH}&sid={opened['sid']}")
        await polling._send("40/chat,{}")
        await polling._await("40/chat,")
        return polling

    async def ask(self, event: str, argument: object) -> Json:
        """Emit an event and return the answer. Raises Lost."""
        number = next(self._ids)
        await self._send(f"42/chat,{number}{json.dumps([event, argument])}")
        answer = json.loads(await self._await(f"43/chat,{number}["))
        assert isinstance(answer[0], dict)
        return answer[0]

    async def close(self) -> None:
        """Say goodbye. Raises Lost."""
        await self._send("1")

    async def _send(self, packet: str) -> None:
        _text(await self._browser.ask("POST", self._path, packet, {"Content-Type": "text/plain"}))

    async def _await(self, start: str) -> str:
        """Poll until a packet begins like this; return what follows in it, from a bracket on."""
        while True:
            for packet in _text(await self._browser.get(self._path)).split(APART):
                if packet == "2":
                    await self._send("3")
                elif packet.startswith(start):
                    return packet[len(start.rstrip("[")) :]


def _text(answer: Answer) -> str:
    if answer.status != 200:
        raise Lost
    return answer.text
