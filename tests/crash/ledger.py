"""The one ledger of all that was sent, acknowledged and received, and its audit against what a server has stored.

Promised (docs/architecture.md): acknowledged is stored, each nonce once; stored is received once, in the order of
`seq`, by everybody who is in the room or comes back to it.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from realtime.chat.model import record_id
from tests.in_step import IMAGES, WRONG, assert_in_step

Json = dict[str, object]


class Said(NamedTuple):
    """What makes a message the same message: its sender's colour, its room's id, its nonce."""

    user: str
    room: str
    nonce: str


class Stored(NamedTuple):
    """One row of `chats`, as the audit reads it."""

    seq: int
    room: str
    user: str
    created_at: int
    chat: str | None
    gif: str | None
    to_user: str | None
    event: str | None
    nonce: str | None

    @property
    def heard(self) -> "Heard":
        return Heard(self.seq, record_id(self.seq, self.created_at), self.gif or self.chat or "", self.nonce)

    def for_reader(self, user: str) -> bool:
        """Whether the record is this reader's to get."""
        return self.to_user is None or user in (self.to_user, self.user)

    def of_joining(self, user: str) -> bool:
        """Whether the record tells of this reader's own coming: they get it with what they missed, never live."""
        return self.event == "join" and self.user == user


class Heard(NamedTuple):
    """What a reader notes of a record: the text of a message, or the name of an image."""

    seq: int
    id: str
    text: str
    nonce: str | None

    @classmethod
    def of(cls, record: Json) -> "Heard":
        """Note a RECORD of the wire."""
        nonce, text = record.get("nonce"), record.get("gif") or record["chat"]
        assert isinstance(record["seq"], int)
        return cls(record["seq"], str(record["_id"]), str(text), None if nonce is None else str(nonce))


@dataclass
class Reading:
    """What one reader heard in one room after seq `since`, in the order of its coming."""

    since: int
    heard: list[Heard] = field(default_factory=list)

    @property
    def last_seq(self) -> int:
        return self.heard[-1].seq if self.heard else self.since


class Ledger:
    """Written by all senders and readers of one run."""

    def __init__(self) -> None:
        self.sent: set[Said] = set()
        self.acknowledged: dict[Said, tuple[str, int]] = {}
        self.readings: dict[tuple[str, str], Reading] = {}
        self._watchers: list[tuple[int, asyncio.Future[None]]] = []

    def send(self, said: Said) -> None:
        """Note that a message goes out, for the first time or again."""
        self.sent.add(said)

    def acknowledge(self, said: Said, answer: Json) -> None:
        """Note an acknowledgement; it must say the same each time."""
        assert isinstance(answer["seq"], int)
        named = str(answer["_id"]), answer["seq"]
        first = self.acknowledged.setdefault(said, named)
        assert named == first, f"{said} was acknowledged as {first}, then as {named}"
        for watcher in [watcher for watcher in self._watchers if watcher[0] <= len(self.acknowledged)]:
            self._watchers.remove(watcher)
            if not watcher[1].done():
                watcher[1].set_result(None)

    async def acknowledgements(self, count: int) -> None:
        """Return when `count` messages in all were acknowledged."""
        if len(self.acknowledged) < count:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append((count, reached))
            await reached

    def begin(self, user: str, room: str, seq: int) -> None:
        """Note that a reader came into a room; all up to `seq` is nothing to them."""
        self.readings.setdefault((user, room), Reading(seq))

    def hear(self, user: str, record: Json) -> None:
        """Note a record that reached a reader, be it live or in the answer to a join."""
        self.readings[user, str(record["room"])].heard.append(Heard.of(record))

    def last_seq(self, user: str, room: str) -> int | None:
        """Return what a reader has to ask for more after, None for one who has not been there."""
        reading = self.readings.get((user, room))
        return reading.last_seq if reading else None

    # The audit

    def audit(self, data: Path, *, settled: bool = True) -> list[Stored]:
        """Hold the ledger against the files of a server that ended; return its records.

        Only when `settled`, after a proper end and with every reader at its end, must they have got everything, and
        the files be in order.
        """
        with tempfile.TemporaryDirectory() as copy, closing(opened(data, Path(copy))) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            stored = [
                Stored(*row)
                for row in database.execute(
                    "SELECT seq, id, user, chats.created_at, chat, gif, to_user, event, nonce"
                    " FROM chats JOIN rooms ON key = room ORDER BY seq"
                )
            ]
            images = database.execute(IMAGES).fetchall()
            wrong = {name: database.execute(query).fetchall() for name, query in WRONG.items()}
        self._audit_sending(stored)
        if settled:
            assert {name for name, *_ in images} == {row.gif for row in stored if row.gif is not None}
            assert_in_step(wrong, images, data / "uploads")
        self._audit_reading(stored, settled=settled)
        return stored

    def _audit_sending(self, stored: list[Stored]) -> None:
        kept = Counter(Said(row.user, row.room, row.nonce) for row in stored if row.nonce is not None)
        assert not [said for said, times in kept.items() if times > 1], "a message is stored more than once"
        assert kept.keys() <= self.sent, "a message is stored that nobody sent"
        by_said = {Said(row.user, row.room, row.nonce): row.heard for row in stored if row.nonce is not None}
        lost = [said for said in self.acknowledged if said not in by_said]
        assert not lost, f"{len(lost)} acknowledged messages are not stored: {lost[:5]}"
        for said, (record, seq) in self.acknowledged.items():
            assert (by_said[said].id, by_said[said].seq) == (record, seq), f"{said} was acknowledged as another"

    def _audit_reading(self, stored: list[Stored], *, settled: bool) -> None:
        rooms: dict[str, list[Stored]] = {}
        for row in stored:
            rooms.setdefault(row.room, []).append(row)
        for (user, room), reading in self.readings.items():
            rows = [row for row in rooms.get(room, []) if row.seq > reading.since and row.for_reader(user)]
            optional = {row.seq for row in rows if row.of_joining(user)}
            heard = [record for record in reading.heard if record.seq not in optional]
            due = [
                row.heard if row.user == user else row.heard._replace(nonce=None)
                for row in rows
                if row.seq not in optional
            ]
            if not settled:
                due = due[: len(heard)]
            if heard != due:
                raise AssertionError(f"{user} in {room} since {reading.since}: {difference(heard, due)}")


def difference(heard: list[Heard], due: list[Heard]) -> str:
    """Say what is wrong with what somebody heard."""
    seqs, expected = [record.seq for record in heard], [record.seq for record in due]
    agree = [one == other for one, other in zip(heard, due, strict=False)]
    at = agree.index(False) if False in agree else len(agree)
    return (
        f"missing {sorted(set(expected) - set(seqs))[:10]}, not theirs {sorted(set(seqs) - set(expected))[:10]}, "
        f"twice {[seq for seq, times in Counter(seqs).items() if times > 1][:10]}, "
        f"first at place {at}: heard {heard[at : at + 3]}, due {due[at : at + 3]}"
    )


def opened(data: Path, folder: Path) -> sqlite3.Connection:
    """Return a copy, in `folder`, of a database whose server has ended, be it well or by a kill."""
    for suffix in ("", "-wal"):
        source = data / f"gifchat.db{suffix}"
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    return sqlite3.connect(folder / "gifchat.db")
