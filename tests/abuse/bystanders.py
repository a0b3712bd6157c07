"""Two bystanders in a room of their own, in a process and at an address of their own.

`python -m tests.abuse.bystanders PORT` prints `begun`, chats until a line comes on its standard input, and prints what
was seen as one line of JSON.
"""

import asyncio
import http.client
import json
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass, field

from bench.crowd import percentile
from tests.crash.ledger import Json
from tests.crash.wire import Lost, Socket

ADDRESS = "127.0.0.2"  # the attackers are at 127.0.0.1
PAUSE_S = 0.25  # under the default rate
LEAST = 8  # messages, however short the attack is
PATIENCE_S = 20.0


def visitor(port: int) -> str:
    """Return the cookie of a new visitor at ADDRESS."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, source_address=(ADDRESS, 0))) as server:
        server.request("GET", "/")
        answer = server.getresponse()
        answer.read()
        return str(answer.getheader("Set-Cookie")).partition(";")[0]


def new_room(port: int, cookie: str) -> str:
    """Make a room; return its id."""
    headers = {"Cookie": cookie, "Accept": "application/json", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, source_address=(ADDRESS, 0))) as server:
        server.request("POST", "/room", json.dumps({"title": "방"}), headers)
        return str(json.load(server.getresponse())["_id"])


@dataclass
class Report:
    """What was seen: what went wrong, if anything, and how long messages took."""

    problems: list[str] = field(default_factory=list)
    p50_ms: float = 0
    p99_ms: float = 0


class Bystanders:
    """One speaks, the other listens."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.heard: list[int] = []
        self.problems: list[str] = []
        self.times_ns: list[int] = []

    async def chat(self, port: int, over: asyncio.Event) -> None:
        """Chat until `over`, and until everything was heard or patience ends."""
        speaker, listener = visitor(port), visitor(port)
        room = new_room(port, speaker)
        speaking = await Socket.open(port, speaker, _nothing, ADDRESS)
        listening = await Socket.open(port, listener, self._hear, ADDRESS)
        for socket in (speaking, listening):
            assert (await socket.ask("join", room))["ok"]
        print("begun", flush=True)
        try:
            while not over.is_set() or len(self.sent) < LEAST:
                now = time.perf_counter_ns()
                answer = await speaking.ask("chat", {"room": room, "chat": str(now)})
                if answer["ok"]:
                    self.sent.append(now)
                else:
                    self.problems.append(str(answer["error"]))
                await asyncio.sleep(PAUSE_S)
            async with asyncio.timeout(PATIENCE_S):
                await listening.settled()
        except (Lost, TimeoutError) as error:
            self.problems.append(type(error).__name__)

    def _hear(self, event: str, argument: Json) -> None:
        if event == "chat":
            said = int(str(argument["chat"]))
            self.heard.append(said)
            self.times_ns.append(time.perf_counter_ns() - said)

    def report(self) -> Report:
        """Return what was seen."""
        times = self.times_ns or [0]
        missing = ["messages are missing"] if self.heard != self.sent else []
        return Report(self.problems + missing, percentile(times, 0.5), percentile(times, 0.99))


def _nothing(event: str, argument: Json) -> None:
    """Hear nothing."""


async def main() -> None:
    """Chat until told to stop."""
    over, bystanders = asyncio.Event(), Bystanders()
    chatting = asyncio.create_task(bystanders.chat(int(sys.argv[1]), over))
    await asyncio.wait(
        [chatting, asyncio.create_task(asyncio.to_thread(sys.stdin.readline))], return_when="FIRST_COMPLETED"
    )
    over.set()
    await chatting
    print(json.dumps(asdict(bystanders.report())), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
