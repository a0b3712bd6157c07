"""The kinds of records: each round-trips through its row and shows only its own fields on the wire."""

import msgspec
import pytest

from db.chats import COLUMNS
from realtime.chat.model import Image, Visitor
from realtime.chat.records import RecordRow, Said, StoredRecord, SystemLine

HEAD = {"seq": 42, "room": 7, "visitor_id": 1, "user": "#a1b2c3", "created_at": 1_709_514_123_481}
OTHER = Visitor(2, "#000002")
STILL, MOVING = Image("a.png", 8, 9), Image("b.gif", 8, 9, "b.poster.webp")


def said(chat: str | None = None, image: Image | None = None, nonce: str | None = None) -> Said:
    return Said(**HEAD, chat=chat, image=image, nonce=nonce)  # type: ignore[arg-type]  # HEAD's


KINDS: list[tuple[StoredRecord, set[str]]] = [
    (said(chat="안녕"), {"chat"}),
    (said(chat="안녕", nonce="n-1"), {"chat"}),
    (said(image=STILL), {"gif", "width", "height"}),
    (said(image=MOVING, chat="봐"), {"chat", "gif", "width", "height", "poster"}),
    (said(chat="너만").whispered(OTHER), {"chat", "to"}),
    (
        SystemLine(**HEAD, event="exit", chat="#a1b2c3님이 퇴장하셨습니다.", members=0, lingers=True),  # type: ignore[arg-type]  # HEAD's
        {"chat", "event", "subject", "members"},
    ),
]


@pytest.mark.parametrize(("record", "fields"), KINDS)
def test_a_record_round_trips_through_its_row_and_shows_only_its_own_fields(
    record: StoredRecord, fields: set[str]
) -> None:
    row = record.row()
    assert len(row) == len(COLUMNS.split(", "))
    assert RecordRow(*row).record() == record
    wire = msgspec.json.decode(msgspec.json.encode(record.wire("r" * 24)))
    assert set(wire) == fields | {"_id", "seq", "room", "user", "createdAt"}
    assert (wire["_id"], wire["createdAt"]) == ("65e51d8b000000000000002a", "2024-03-04T01:02:03.481Z")


def test_a_nonce_is_shown_only_to_its_sender() -> None:
    record = said(chat="안녕", nonce="n-1")
    assert (record.wire("r", 1).nonce, record.wire("r", 2).nonce) == ("n-1", None)


@pytest.mark.parametrize(("reader", "may"), [(1, True), (2, True), (3, False)])
def test_a_whisper_is_visible_only_to_its_two_parties(reader: int, may: bool) -> None:
    assert said(chat="안녕").visible_to(reader)
    assert said(chat="안녕").whispered(OTHER).visible_to(reader) is may
