"""Storage benchmarks: messages stored per second, and history and search in a room with a million records.

python -m bench.storage [--records N] [--folder DIR]

Exits with 1 when a floor is missed. The folder must be on the disk to be measured: on a file system in memory, fsync
costs nothing.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import quote

from websockets.sync.client import ClientConnection, connect

from bench.server import CLIENT_CORE, ROOT, serving
from db.chats import COLUMNS, ChatTable
from db.connection import Database
from db.rooms import RoomTable
from db.writer import Writer
from realtime.chat.model import StoredRoom
from realtime.chat.records import RecordRow, Said

PORT = 8808

SENDERS = (1, 10, 100)
ROUND_S, ROUNDS = 1.0, 5
STORED_RATIO = 10

REQUESTS = 1000
CHAT_EVERY_S = 0.01
ALONE_S = 5  # of chat without other load, as the baseline
PAGE = 50
TEXT = "오늘 수업은 세 시에 시작합니다. 자료는 공유 폴더에 있어요 😀"
RARE, ABSENT, COMMON = "두루미", "없는말", "수업"
RARE_EVERY = 50_000
CREATED_AT = 1_700_000_000_000
HISTORY_P99_MS = 20
SEARCH_P99_MS = 50
MAX_SLOWDOWN_MS = 1  # of the chat's median latency while someone reads continuously


class Times(NamedTuple):
    """Percentiles and maximum of durations, in milliseconds."""

    p50: float
    p99: float
    max: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Times":
        """Return those of durations in seconds."""
        ordered = sorted(seconds)
        return cls(*(1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)] for share in (0.5, 0.99, 1)))

    def __str__(self) -> str:
        return "".join(f"{value:8.2f}" for value in self)


# Storing


async def store(folder: Path, senders: int, *, plain: bool) -> float:
    """Return how many messages a second `senders` store if each sends the next when the last is committed."""
    database = await Database.open(folder / "gifchat.db", (ROOT / "schema.sql").read_text("utf-8"))
    writer = Writer(database)
    chats = ChatTable(database, writer)
    await chats.start()
    name = f"{random.getrandbits(96):024x}"
    room = await RoomTable(database, writer).add(StoredRoom(0, name, "측정", 100, 1, "#000000", None, False, 0))
    insert = f"INSERT INTO chats ({COLUMNS}) VALUES ({', '.join('?' * len(RecordRow._fields))})"
    stored, over = 0, False

    def end() -> None:
        nonlocal over
        over = True

    async def send(sender: int) -> None:
        nonlocal stored
        while not over:
            seq, created_at = chats.next()
            said = Said(
                seq=seq,
                room=room,
                visitor_id=sender,
                user="#a1b2c3",
                created_at=created_at,
                chat=TEXT,
                nonce=f"n-{seq}",
            )
            if plain:
                await database.run(insert, tuple(said.row()))
            else:
                await chats.append(said)
            stored += 1

    began = time.perf_counter()
    asyncio.get_running_loop().call_later(ROUND_S, end)
    await asyncio.gather(*(send(sender) for sender in range(senders)))
    took = time.perf_counter() - began
    await writer.close()
    await database.close()
    return stored / took


def storing(folder: Path) -> bool:
    """Print messages per second with group commit and with a commit for each; return whether the floor is met."""
    print(f"stored messages per second (synchronous=FULL)\n{'senders':>12}{'plain':>10}{'gifchat':>10}{'ratio':>10}")
    ratio = 0.0
    for senders in SENDERS:
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):  # alternately, so that a slow phase of the disk affects both
            for plain in (True, False):
                rates[plain].append(asyncio.run(store(folder, senders, plain=plain)))
        single, grouped = statistics.median(rates[True]), statistics.median(rates[False])
        ratio = grouped / single
        print(f"{senders:12}{single:10,.0f}{grouped:10,.0f}{ratio:10.1f}", flush=True)
    return floor_met("stored with 100 senders, relative to a commit for each", ratio, ">=", STORED_RATIO)


# A million records


class Visitor:
    """A visitor with a cookie and a persistent HTTP connection."""

    def __init__(self) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", PORT)
        self._http.request("GET", "/")
        answer = self._http.getresponse()
        answer.read()
        self.cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """Send a request; return the JSON object in the response."""
        headers = {"Accept": "application/json", "Content-Type": "application/json", "Cookie": self.cookie}
        self._http.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._http.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:200]!r}")
        return cast("dict[str, object]", json.loads(text))

    def time(self, path: str) -> float:
        """Return how long a request takes, in seconds."""
        began = time.perf_counter()
        self.ask("GET", path)
        return time.perf_counter() - began

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        self._http.close()


class Talker:
    """A member who talks regularly and measures how long each message takes to be acknowledged."""

    def __init__(self, socket: ClientConnection, room: str) -> None:
        self._socket = socket
        self._room = room
        self._number = 0
        self._socket.send("40/chat,{}")
        self._until("40/chat,")
        self._ask("join", room)

    @contextmanager
    def talking(self) -> Iterator[list[float]]:
        """Talk during the block; yields the list of durations, in seconds."""
        times: list[float] = []
        over = threading.Event()

        def talk() -> None:
            while not over.wait(CHAT_EVERY_S):
                times.append(self._ask("chat", {"room": self._room, "chat": TEXT}))

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield times
        finally:
            over.set()
            thread.join()

    @classmethod
    @contextmanager
    def inside(cls, visitor: Visitor, room: str) -> "Iterator[Talker]":
        """Be in the room during the block."""
        url = f"ws://127.0.0.1:{PORT}/socket.io/?EIO=4&transport=websocket"
        headers = {"Cookie": visitor.cookie}
        with connect(url, additional_headers=headers, compression=None, proxy=None, ping_interval=None) as socket:
            yield cls(socket, room)

    def _ask(self, event: str, argument: object) -> float:
        self._number += 1
        began = time.perf_counter()
        self._socket.send(f"42/chat,{self._number}{json.dumps([event, argument])}")
        answer = self._until(f"43/chat,{self._number}[")
        if '"ok":true' not in answer:
            raise SystemExit(answer)
        return time.perf_counter() - began

    def _until(self, start: str) -> str:
        while True:
            text = str(self._socket.recv())
            if text == "2":
                self._socket.send("3")
            elif text.startswith(start):
                return text


def fill(data: Path, records: int) -> None:
    """Add that many records to the only room of a stopped server."""
    with closing(sqlite3.connect(data / "gifchat.db")) as database, database:
        [(room, visitor, user, last)] = database.execute(
            "SELECT key, owner_id, owner, (SELECT max(seq) FROM chats) FROM rooms"
        )
        database.executemany(
            "INSERT INTO chats (seq, room, visitor_id, user, created_at, chat, nonce) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    seq,
                    room,
                    visitor,
                    user,
                    CREATED_AT + seq,
                    f"{TEXT} {seq}{RARE * (seq % RARE_EVERY == 0)}",
                    f"n-{seq}",
                )
                for seq in range(last + 1, last + 1 + records)
            ),
        )


def million(folder: Path, records: int) -> bool:
    """Print how long history, search and concurrent chat take; return whether the floors are met."""
    with serving(folder, PORT):
        visitor = Visitor()
        room = str(visitor.ask("POST", "/room", {"title": "백만"})["_id"])
        with Talker.inside(visitor, room):  # a member's place, and so the room, survives a restart for a minute
            pass
        visitor.hang_up()
    began = time.perf_counter()
    fill(folder, records)
    print(f"\n{records:,} records in one room (written in {time.perf_counter() - began:.0f} s)")
    began = time.perf_counter()
    with serving(folder, PORT):
        start_s = time.perf_counter() - began
        size_mib = (folder / "gifchat.db").stat().st_size / 2**20
        print(f"{size_mib:.0f} MiB; the server starts in {start_s:.1f} s")
        with Talker.inside(visitor, room) as talker:
            return loads(visitor, talker, room, records)


def loads(visitor: Visitor, talker: Talker, room: str, records: int) -> bool:
    """Run one load after the other while a member talks."""
    rng = random.Random(1)

    def search(text: str) -> Callable[[], str]:
        return lambda: f"/room/{room}/search?q={quote(text)}&before={rng.randint(1, records)}"

    paths: dict[str, Callable[[], str]] = {
        "history": lambda: f"/room/{room}/chats?before={rng.randint(1, records)}&limit={PAGE}",
        "history, latest": lambda: f"/room/{room}/chats",
        "search, absent": search(ABSENT),
        "search, rare": search(RARE),
        "search, common": search(COMMON),
        "search, one letter": search("중"),
    }
    with talker.talking() as times:
        time.sleep(ALONE_S)
    alone = Times.of(times)
    print(f"{'milliseconds':22}{'p50':>8}{'p99':>8}{'max':>8}{'chat p50':>12}{'p99':>8}{'max':>8}")
    print(f"{'(chat alone)':46}    {alone}", flush=True)
    met = True
    for name, path in paths.items():
        with talker.talking() as times:
            took = Times.of([visitor.time(path()) for _ in range(REQUESTS)])
        beside = Times.of(times)
        print(f"{name:22}{took}    {beside}", flush=True)
        bound = HISTORY_P99_MS if name.startswith("history") else SEARCH_P99_MS
        met &= floor_met(f"{name}, p99 in ms", took.p99, "<=", bound)
        met &= floor_met(f"{name}, the chat's p50 meanwhile in ms", beside.p50, "<=", alone.p50 + MAX_SLOWDOWN_MS)
    visitor.hang_up()
    return met


def floor_met(what: str, value: float, sign: str, bound: float) -> bool:
    """Print and return whether a floor is met."""
    met = value >= bound if sign == ">=" else value <= bound
    print(f"  {'met' if met else 'MISSED'}: {what} {sign} {bound:.4g} (is {value:.2f})", flush=True)
    return met


def main() -> None:
    """Run both benchmarks; exit with 1 when a floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.storage")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=ROOT, help="measure in a temporary folder inside this one")
    options = parser.parse_args()
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    sys.setswitchinterval(0.0005)  # so that the two threads here do not delay each other
    with tempfile.TemporaryDirectory(dir=options.folder, prefix=".bench-") as folder:
        parts = {name: Path(folder) / name for name in ("stored", "million")}
        for part in parts.values():
            part.mkdir()
        met = [storing(parts["stored"]), million(parts["million"], options.records)]
    raise SystemExit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
