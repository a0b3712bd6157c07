"""Acknowledged means on the disk: checked in system calls, and with failing ones."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import websockets.frames

from tests.crash.ledger import Ledger
from tests.crash.people import Message, Person, Way, company, settled
from tests.crash.process import serving
from tests.crash.trace import Call, calls, strace

WAYS: tuple[Way, ...] = ("socket", "post", "gif", "socket", "whisper")
EACH = 4
FAILING = range(20, 26)  # counted in the writing thread; opening a new database takes about seven


@pytest.fixture
def plain_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mask our WebSocket frames with zeros, so that the trace of the server shows them in plain text."""
    monkeypatch.setattr(websockets.frames, "secrets", SimpleNamespace(token_bytes=bytes))


@pytest.mark.usefixtures("plain_frames")
async def test_every_acknowledgement_follows_an_fsync_of_its_record(tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "trace"
    ledger = Ledger()
    prefix = strace(output, "-e", "trace=recvfrom,read,pwrite64,fsync,fdatasync,sendto")
    async with serving(data, prefix=prefix) as server, company(server.port, ledger, "one", "two", "three") as people:
        room = await people[0].room(title="방")
        for person in people:
            await person.enter(room)
        await asyncio.gather(*(say(person, room, way, people) for person in people for way in WAYS))
        await settled(*people)
    stored = ledger.audit(data)
    assert len(ledger.acknowledged) == len(people) * len(WAYS) * EACH

    kernel = Kernel(calls(output, server.process.pid))
    for said, (record, _) in ledger.acknowledged.items():
        arrived = kernel.earliest(("recvfrom", "read"), said.nonce)
        written = kernel.first("pwrite64", "gifchat.db-wal>", said.nonce, after=arrived)
        synced = kernel.synced("gifchat.db-wal>", after=written)
        answered = kernel.first("sendto", record)
        assert synced.ended < answered.begun, (said, arrived, written, synced, answered)
    for row in stored:
        if row.gif is not None:
            file, folder = kernel.synced(".part>"), kernel.synced("/uploads>")
            answered = kernel.first("sendto", row.gif)
            assert file.ended < folder.begun < answered.begun


class Kernel:
    """The system calls of a server."""

    def __init__(self, seen: list[Call]) -> None:
        self._seen = seen

    def first(self, name: str, *texts: str, after: Call | None = None) -> Call:
        """Return the first successful call containing all `texts` that began after `after` had ended."""
        return next(
            call
            for call in self._seen
            if call.name == name
            and call.succeeded
            and all(text in call.text for text in texts)
            and (after is None or call.begun > after.ended)
        )

    def synced(self, file: str, after: Call | None = None) -> Call:
        """Return the first fsync or fdatasync of a file after `after`; SQLite uses either."""
        return self.earliest(("fsync", "fdatasync"), file, after=after)

    def earliest(self, names: tuple[str, ...], *texts: str, after: Call | None = None) -> Call:
        """Return the earliest of what `first` finds by `names`: Tornado and the loop receive by different calls."""
        found = []
        for name in names:
            with suppress(StopIteration):
                found.append(self.first(name, *texts, after=after))
        return min(found, key=lambda call: call.ended)


async def say(person: Person, room: str, way: Way, people: list[Person]) -> None:
    """Send a few messages, one after another."""
    to = next(other for other in people if other is not person) if way == "whisper" else None
    for _ in range(EACH):
        await person.deliver(person.compose(room, way, to))


async def test_a_failing_fsync_refuses_messages_until_it_succeeds_again(tmp_path: Path) -> None:
    data, ledger = tmp_path / "data", Ledger()
    fail = f"inject=fdatasync,fsync:error=EIO:when={FAILING.start}..{FAILING.stop - 1}"
    prefix = strace(tmp_path / "trace", "-e", "trace=fdatasync,fsync", "-e", fail)
    async with (
        serving(data, prefix=prefix, expected="storage: 1 writes failed: disk I/O error") as server,
        company(server.port, ledger, "one", "two") as (one, two),
    ):
        room = await one.room(title="방")
        for person in (one, two):
            await person.enter(room)
        refused: list[Message] = []
        accepted_since = 0
        while accepted_since < 3:
            message = one.compose(room, ("socket", "post")[len(refused) % 2])
            answer = await one.attempt(message)
            if "error" in answer:
                assert answer["error"] == "storage", answer
                refused.append(message)
                accepted_since = 0
            elif refused:
                accepted_since += 1
        assert len(refused) == len(FAILING)
        for message in refused:
            await one.deliver(message)
        await settled(one, two)
    ledger.audit(data)
