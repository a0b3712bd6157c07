"""What a server takes up: memory, descriptors, tasks, and what its metrics, its database and its folder say."""

import asyncio
import os
import re
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bench.crowd import memory_bytes
from tests.client import Browser
from tests.crash.watched import FILE
from tests.server import Server, uploads

POLL_S = 0.1
REST_S = 5.0  # longer than what is done some time after the last deletion
TABLES = ("rooms", "grants", "members", "lingering", "bans", "chats", "images", "room_images", "sent_images")
_GAUGE = re.compile(r"^gifchat_(rooms|members|sockets|buffered_bytes|lessons)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


class Footprint(NamedTuple):
    """`gauges` is the sum of the metrics that are 0 when nobody is there; `rows` are those of TABLES."""

    memory_mib: float
    descriptors: int
    tasks: int
    gauges: float
    rows: int
    files: int

    def __str__(self) -> str:
        return (
            f"{self.memory_mib:.1f} MiB, {self.descriptors} descriptors, {self.tasks} tasks, {self.gauges:g} rooms,"
            f" members and sockets, {self.rows} rows, {self.files} images"
        )

    @property
    def counts(self) -> tuple[float, ...]:
        """All but the memory, which an allocator does not give back exactly."""
        return self[1:]


async def footprint(server: Server) -> Footprint:
    """Measure a server that runs `tests.crash.watched`."""
    browser = Browser(server.url, {})
    metrics = (await browser.get("/metrics")).text
    browser.close()
    pid = server.process.pid
    with closing(sqlite3.connect(f"{(server.data / 'gifchat.db').as_uri()}?mode=ro", uri=True)) as database:
        rows = sum(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)
    return Footprint(
        memory_mib=memory_bytes(pid) / (1 << 20),
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),
        tasks=await _tasks(server),
        gauges=sum(float(value) for _, value in _GAUGE.findall(metrics)),
        rows=rows,
        files=len(uploads(server.data)),
    )


async def at_rest(server: Server) -> Footprint:
    """Return the footprint once nothing is left of any room, no socket, no row, no file, and the server is at rest."""
    last, since = await footprint(server), time.monotonic()
    while last.gauges or last.rows or last.files or time.monotonic() - since < REST_S:
        await asyncio.sleep(POLL_S)
        found = await footprint(server)
        if found.counts != last.counts:
            since = time.monotonic()
        last = found
    return last


async def _tasks(server: Server) -> int:
    told: Path = server.data / FILE
    told.unlink(missing_ok=True)
    server.process.send_signal(signal.SIGUSR1)
    while not told.exists():
        await asyncio.sleep(POLL_S)
    return int(told.read_text())
