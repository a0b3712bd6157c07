"""The ledger of everything sent, acknowledged and received, and its audit against what a server has stored.

Guaranteed (docs/architecture.md): acknowledged messages and changes are stored, each nonce once; stored records are
received once, in order of `rev` or else `seq`, by everybody who is in the room or returns; deleted text is gone.
"""

import asyncio
import json
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from realtime.chat.model import record_id, timestamp
from tests.consistency import IMAGES, WRONG, assert_consistent

Json = dict[str, object]


class Said(NamedTuple):
    """The identity of a message: its sender's colour, its room's id, its nonce."""

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
    rev: int | None
    changed: str | None

    @property
    def id(self) -> str:
        return record_id(self.seq, self.created_at)

    @property
    def position(self) -> int:
        return self.rev or self.seq

    @property
    def deleted(self) -> bool:
        return json.loads(self.changed or "{}").get("deleted") is not None

    def reactions(self) -> dict[str, list[str]]:
        """Return the users of each reaction, in order."""
        given = json.loads(self.changed or "{}").get("reactions", {})
        return {emoji: [giver["user"] for giver in givers] for emoji, givers in given.items()}

    def value(self, aspect: str) -> object:
        """Return the record's current value of an `aspect` (see `Ledger.try_change`)."""
        if aspect in ("chat", "deleted"):
            return getattr(self, aspect)
        user, emoji = aspect.split()
        return user in self.reactions().get(emoji, [])

    def heard_by(self, user: str) -> "Heard":
        """Return the state that a reader must have received last."""
        changed, given = json.loads(self.changed or "{}"), self.reactions()
        state = {
            "deleted": changed.get("deleted"),
            "editedAt": timestamp(changed["edited_at"]) if "edited_at" in changed else None,
            "reactions": {emoji: {"count": len(users), "users": users} for emoji, users in given.items()} or None,
            "mine": [emoji for emoji, users in given.items() if user in users] or None,
        }
        nonce = self.nonce if user == self.user and not self.deleted else None
        return Heard(self.seq, self.id, self.chat, self.gif, nonce, self.rev, json.dumps(state))

    def for_reader(self, user: str) -> bool:
        """Whether the record is visible to this reader."""
        return self.to_user is None or user in (self.to_user, self.user)

    def of_joining(self, user: str) -> bool:
        """Whether the record is this reader's own join, which they receive when catching up but never live."""
        return self.event == "join" and self.user == user


class Heard(NamedTuple):
    """One state of a record as received; `state` has the fields of changed records only, as JSON."""

    seq: int
    id: str
    chat: str | None
    gif: str | None
    nonce: str | None
    rev: int | None
    state: str

    @property
    def text(self) -> str:
        """The text of a message, or the name of an image."""
        return self.gif or self.chat or ""

    @property
    def position(self) -> int:
        return self.rev or self.seq

    @classmethod
    def of(cls, record: Json) -> "Heard":
        """Convert a RECORD from the wire."""
        state = {name: record.get(name) for name in ("deleted", "editedAt", "reactions", "mine")}
        fields = (record.get(name) for name in ("seq", "_id", "chat", "gif", "nonce", "rev"))
        return cls(*fields, json.dumps(state))  # type: ignore[arg-type, call-arg]  # the audit holds them to the rows


@dataclass
class Reading:
    """What one reader received in one room after the position `since`, in order of arrival."""

    since: int
    heard: list[Heard] = field(default_factory=list)

    @property
    def position(self) -> int:
        return self.heard[-1].position if self.heard else self.since


@dataclass
class Changes:
    """The values that were tried for one aspect of a record, in order; those from `kept` on may be stored.

    `rev`: that of the state in which the first of these was acknowledged, or 0 before any was.
    """

    tried: list[object] = field(default_factory=list)
    kept: int = 0
    rev: int = 0


class Ledger:
    """Written by all senders and readers of one run."""

    def __init__(self) -> None:
        self.sent: set[Said] = set()
        self.acknowledged: dict[Said, tuple[str, int]] = {}
        self.changes: dict[tuple[str, str], Changes] = {}
        self.readings: dict[tuple[str, str], Reading] = {}
        self._watchers: list[tuple[int, asyncio.Future[None]]] = []

    def send(self, said: Said) -> None:
        """Record that a message is sent, for the first time or again."""
        self.sent.add(said)

    def acknowledge(self, said: Said, answer: Json) -> None:
        """Record an acknowledgement, which must be the same each time."""
        assert isinstance(answer["seq"], int)
        named = str(answer["_id"]), answer["seq"]
        first = self.acknowledged.setdefault(said, named)
        assert named == first, f"{said} was acknowledged as {first}, then as {named}"
        for watcher in [watcher for watcher in self._watchers if watcher[0] <= len(self.acknowledged)]:
            self._watchers.remove(watcher)
            if not watcher[1].done():
                watcher[1].set_result(None)

    def try_change(self, record: str, aspect: str, value: object) -> None:
        """Record that a change is sent, for the first time or again: of the `chat`, `deleted`, or "USER EMOJI"."""
        self.changes.setdefault((record, aspect), Changes()).tried.append(value)

    def acknowledge_change(self, record: str, aspect: str, answer: Json) -> None:
        """Record that the last change was acknowledged, or refused because its record is deleted."""
        if "error" in answer:
            assert answer["error"] == "not_found" and (record, "deleted") in self.changes, (record, aspect, answer)
            return
        assert isinstance(answer["rev"], int)
        changes = self.changes[record, aspect]
        changes.kept, changes.rev = len(changes.tried) - 1, answer["rev"]

    async def acknowledgements(self, count: int) -> None:
        """Return when `count` messages in total are acknowledged."""
        if len(self.acknowledged) < count:
            reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append((count, reached))
            await reached

    def begin(self, user: str, room: str, seq: int) -> None:
        """Record that a reader entered a room; records up to `seq` do not concern them."""
        self.readings.setdefault((user, room), Reading(seq))

    def hear(self, user: str, record: Json) -> None:
        """Record that a reader received a record, live or in the answer to a join."""
        self.readings[user, str(record["room"])].heard.append(Heard.of(record))

    def position(self, user: str, room: str) -> int | None:
        """Return the position after which a reader must catch up, or None for one who was never in the room."""
        reading = self.readings.get((user, room))
        return reading.position if reading else None

    # The audit

    def audit(self, data: Path, *, settled: bool = True) -> list[Stored]:
        """Compare the ledger with the files of a server that has ended; return its records.

        Only if `settled`, after a clean shutdown and with all readers caught up, must they have received everything
        and the files be consistent.
        """
        with tempfile.TemporaryDirectory() as copy, closing(opened(data, Path(copy))) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
            stored = [
                Stored(*row)
                for row in database.execute(
                    "SELECT seq, id, user, chats.created_at, chat, gif, to_user, event, nonce, rev, changed"
                    " FROM chats JOIN rooms ON key = room ORDER BY seq"
                )
            ]
            images = database.execute(IMAGES).fetchall()
            wrong = {name: database.execute(query).fetchall() for name, query in WRONG.items()}
        self._audit_sending(stored)
        self._audit_changing(stored)
        if settled:
            self._audit_forgetting(stored, data)
            assert {name for name, *_ in images} == {row.gif for row in stored if row.gif is not None}
            assert_consistent(wrong, images, data / "uploads")
        self._audit_reading(stored, settled=settled)
        return stored

    def _audit_sending(self, stored: list[Stored]) -> None:
        kept = Counter(Said(row.user, row.room, row.nonce) for row in stored if row.nonce is not None)
        assert not [said for said, times in kept.items() if times > 1], "a message is stored more than once"
        assert kept.keys() <= self.sent, "a message is stored that nobody sent"
        by_said = {Said(row.user, row.room, row.nonce): row for row in stored if row.nonce is not None}
        lost = [said for said in self.acknowledged if said not in by_said]
        assert not lost, f"{len(lost)} acknowledged messages are not stored: {lost[:5]}"
        for said, (record, seq) in self.acknowledged.items():
            assert (by_said[said].id, by_said[said].seq) == (record, seq), f"{said} was acknowledged as another"

    def _audit_changing(self, stored: list[Stored]) -> None:
        rows = {row.id: row for row in stored}
        for (record, aspect), changes in self.changes.items():
            row = rows[record]
            assert row.position >= changes.rev, f"the change {changes.rev} of {record} ({aspect}) is not stored"
            if row.deleted:
                assert (record, "deleted") in self.changes, f"{record} is deleted, and nobody tried to"
            elif changes.rev:
                assert row.value(aspect) in changes.tried[changes.kept :], (row, aspect, changes)

    def _audit_forgetting(self, stored: list[Stored], data: Path) -> None:
        """Check that no replaced or deleted text is in the files."""
        texts = {row.id: row.chat for row in stored}
        gone = {
            heard.chat[:40].encode()
            for reading in self.readings.values()
            for heard in reading.heard
            if heard.chat is not None and heard.nonce is not None and heard.chat != texts[heard.id]
        }
        for file in data.glob("gifchat.db*"):
            content = file.read_bytes()
            left = [text for text in gone if text in content]
            assert not left, f"{file.name} still has what was taken away: {left[:3]}"

    def _audit_reading(self, stored: list[Stored], *, settled: bool) -> None:
        rooms: dict[str, list[Stored]] = {}
        for row in sorted(stored, key=lambda row: row.position):
            rooms.setdefault(row.room, []).append(row)
        for (user, room), reading in self.readings.items():
            order = [state.position for state in reading.heard]
            assert order == sorted(set(order)), f"{user} in {room} heard an older state after a newer one, or one twice"
            rows = [row for row in rooms.get(room, []) if row.for_reader(user)]
            unheard = {row.id for row in rows if row.of_joining(user)}  # though possibly heard
            if not settled:
                unheard |= {row.id for row in rows if row.position > reading.position}
            due = [row.heard_by(user) for row in rows if row.position > reading.since and row.id not in unheard]
            last = {state.id: state for state in reading.heard}  # last state of each record
            heard = sorted(
                (state for state in last.values() if state.id not in unheard), key=lambda state: state.position
            )
            if heard != due:
                raise AssertionError(f"{user} in {room} since {reading.since}: {difference(heard, due)}")


def difference(heard: list[Heard], due: list[Heard]) -> str:
    """Describe the difference between what was received and what was due."""
    positions, expected = {state.position for state in heard}, {state.position for state in due}
    agree = [one == other for one, other in zip(heard, due, strict=False)]
    at = agree.index(False) if False in agree else len(agree)
    return (
        f"missing {sorted(expected - positions)[:10]}, not theirs {sorted(positions - expected)[:10]}, "
        f"first at place {at}: heard {heard[at : at + 3]}, due {due[at : at + 3]}"
    )


def opened(data: Path, folder: Path) -> sqlite3.Connection:
    """Return a copy, in `folder`, of the database of a server that has stopped or was killed."""
    for suffix in ("", "-wal"):
        source = data / f"gifchat.db{suffix}"
        if source.exists():
            shutil.copyfile(source, folder / source.name)
    return sqlite3.connect(folder / "gifchat.db")
