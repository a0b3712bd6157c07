"""What those who read much do to somebody who says something: the lobby with many rooms, searches and history.

python -m bench.readers [KIND …] [--readers 8] [--tree FOLDER] [--seconds 5]

The readers ask again as soon as they have an answer. Meanwhile a bystander says something every 10 ms, and the time
until each message is acknowledged is measured. The server has one core, the clients another. `--tree` measures another
checkout. There are no floors: the times depend on what else the machine does, so compare runs in turn.
"""

import argparse
import asyncio
import collections
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bench import storage
from bench.server import CLIENT_CORE, ROOT, serving
from bench.storage import ABSENT, COMMON, Talker, Times, Visitor, fill

ROOMS = 995
RECORDS = 50_000
WARM_UP_S = 0.5  # until all readers are at it, which they do not tell

KINDS = {
    "lobby": ("/", "text/html"),
    "lobby as JSON": ("/", "application/json"),
    "second page": ("/?page=2", "text/html"),
    "absent word": (f"/room/{{room}}/search?q={quote(ABSENT)}", "application/json"),
    "common word": (f"/room/{{room}}/search?q={quote(COMMON)}&limit=200", "application/json"),
    "history": ("/room/{room}/chats?limit=200", "application/json"),
}


async def read(port: int, request: str, until: float, times: list[float], statuses: collections.Counter[str]) -> None:
    """Ask over and over by one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        began = time.perf_counter()
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
        times.append(time.perf_counter() - began)
        statuses[head.split()[1]] += 1
    writer.close()


async def readers(port: int, kind: str, room: str, seconds: float, cookies: list[str]) -> None:
    """Read by one connection for each cookie; print the times of the answers, in milliseconds."""
    path, accept = KINDS[kind]
    head = f"GET {path.format(room=room)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: {accept}\r\n"
    until, times, statuses = time.monotonic() + seconds, list[float](), collections.Counter[str]()
    requests = [f"{head}Accept-Encoding: gzip\r\nCookie: {cookie}\r\n\r\n" for cookie in cookies]
    await asyncio.gather(*(read(port, request, until, times, statuses) for request in requests))
    print(f"{len(times) / seconds:8.0f} answers a second {Times.of(times)}   {dict(statuses)}")


@contextmanager
def talker(folder: Path, tree: Path, rooms: int) -> Iterator[tuple[Talker, str]]:
    """Run a server with many rooms, one of them with many records, in which somebody can talk; yields its id, too."""
    with serving(folder, storage.PORT, root=tree):
        visitor = Visitor()
        room = str(visitor.ask("POST", "/room", {"title": "이야기"})["_id"])
        with Talker.inside(visitor, room):  # a member's place, and so the room, survives a restart for a minute
            pass
        visitor.hang_up()
    fill(folder, RECORDS)
    columns = "max, owner_id, owner, ephemeral, created_at, kept"
    with closing(sqlite3.connect(folder / "gifchat.db")) as database, database:
        database.executemany(
            f"INSERT INTO rooms (id, title, {columns}) SELECT ?, ?, 30, owner_id, owner, 0, created_at, 1 FROM rooms"
            " WHERE id = ?",
            ((f"{number:024x}", f"{number}번째 방", room) for number in range(rooms)),
        )
    with serving(folder, storage.PORT, root=tree), Talker.inside(visitor, room) as talker:
        yield talker, room


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"some of: {', '.join(KINDS)}")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--tree", type=Path, default=ROOT, help="the gifchat to measure")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--as-readers", help=argparse.SUPPRESS)  # in a process of their own
    given = parser.parse_args()
    os.sched_setaffinity(0, {CLIENT_CORE})
    if given.as_readers:
        asyncio.run(readers(*json.loads(given.as_readers)))
        return
    with (
        tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder,
        talker(Path(folder), given.tree.resolve(), given.rooms) as (talking, room),
    ):
        visitors = [Visitor() for _ in range(given.readers)]
        for visitor in visitors:
            visitor.ask("GET", f"/room/{room}")
        print(f"{'':14}{'a message, ms: p50':>20}{'p99':>8}{'max':>8}{'an answer, ms: p50':>46}{'p99':>8}{'max':>8}")
        with talking.talking() as times:
            time.sleep(given.seconds)  # this time without readers is what is measured
        print(f"{'alone':26}{Times.of(times)}", flush=True)
        for kind in given.kinds or KINDS:
            task = [storage.PORT, kind, room, given.seconds, [visitor.cookie for visitor in visitors]]
            command = [sys.executable, "-m", "bench.readers", "--as-readers", json.dumps(task)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
                time.sleep(WARM_UP_S)  # not measured: they begin one after the other
                with talking.talking() as times:
                    answers = process.communicate()[0]
            print(f"{kind:26}{Times.of(times)}{answers}", end="", flush=True)


if __name__ == "__main__":
    main()
