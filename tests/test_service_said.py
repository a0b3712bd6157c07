"""Records in a room: each is delivered once, in order, to those it is for, and can be found again."""

import asyncio
import gc
import time
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from db import chats
from db.writer import BATCH_ROWS
from realtime.chat.policy import CATCH_UP_LIMIT, Limits
from realtime.chat.wire_forms import Record
from realtime.engineio.packet import Frames
from realtime.errors import (
    BadRequest,
    EmptyChat,
    NotAdmitted,
    NotHere,
    TooFast,
    WrongPassword,
)
from realtime.hub import Namespace, Operator, Socket
from realtime.socketio.packet import Args
from tests.conftest import ExpectLog
from tests.world import GRACE_S, Peer, World, not_held, world

__all__ = ["world"]

TEXTS = [("하나", "n1"), ("둘", "n2"), ("셋", "n3")]


# Posting


async def test_a_record_is_stored_then_sent_then_answered(world: World) -> None:
    room = await world.room()
    peer, other = await world.peer(), await world.peer()
    await peer.join(room)
    await other.join(room)
    record = await peer.say(room, "  안녕 ", nonce="n1")
    [heard], [own] = other.events("chat"), peer.events("chat")
    assert (heard["chat"], heard["user"], heard["_id"]) == ("안녕", peer.who.user, record.id)
    assert "nonce" not in heard
    assert own["nonce"] == "n1"
    assert len(record.id) == 24
    assert await world.stored("chats") == 3


async def test_a_stored_record_that_cannot_be_sent_is_answered_and_blocks_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.journal", "record [0-9]+ is stored, but was not sent")
    room = await world.room()
    peer, other = await world.peer(), await world.peer()
    await peer.join(room)
    await other.join(room)
    encode = Namespace.encode

    def broken(
        self: Namespace, event: str, args: Args, to: Socket | Operator | list[Socket], ack_id: int | None = None
    ) -> Frames:
        if isinstance(args[0], Record) and args[0].chat == "둘":
            raise MemoryError
        return encode(self, event, args, to, ack_id)

    monkeypatch.setattr(Namespace, "encode", broken)
    async with asyncio.timeout(5):
        said = await asyncio.gather(*(peer.say(room, chat, nonce) for chat, nonce in TEXTS))
    assert [(record.chat, record.nonce) for record in said] == TEXTS
    assert [line["chat"] for line in other.events("chat")] == ["하나", "셋"]
    assert [record.id for record in (await other.join(room, after=0)).missed[-3:]] == [record.id for record in said]


async def test_a_repeated_nonce_gives_the_first_answer_and_no_second_record(world: World) -> None:
    room = await world.room()
    peer, other = await world.peer(), await world.peer()
    await peer.join(room)
    await other.join(room)
    first = await peer.say(room, "안녕", nonce="n1")
    again = await asyncio.gather(*(peer.say(room, "또 안녕", nonce="n1") for _ in range(3)))
    theirs = await other.say(room, "나도", nonce="n1")
    assert {record.id for record in again} == {first.id}
    assert theirs.id != first.id
    assert [line["chat"] for line in other.events("chat")] == ["안녕", "나도"]


async def test_simultaneous_messages_with_one_nonce_are_one_record(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    records = await asyncio.gather(*(peer.say(room, "안녕", nonce="n1") for _ in range(10)))
    assert len({record.seq for record in records}) == 1
    assert len(peer.events("chat")) == 1


async def test_only_admitted_visitors_can_post_and_read(world: World) -> None:
    room = await world.room(password="1234")
    stranger = await world.visitor()
    with pytest.raises(NotAdmitted):
        await world.service.post(stranger, room.id, "안녕", None)
    with pytest.raises(NotAdmitted):
        await world.service.history.page(stranger, room.id, None, 50)
    with pytest.raises(WrongPassword):
        await world.service.admit(stranger, "10.0.0.9", room.id, "4321")
    await world.service.admit(stranger, "10.0.0.9", room.id, "1234")
    with pytest.raises(EmptyChat):
        await world.service.post(stranger, room.id, "  ", None)
    await world.service.post(stranger, room.id, "안녕", None)


async def test_password_guesses_are_throttled(io_loop: IOLoop, tmp_path: Path) -> None:
    world = await World(tmp_path, Limits(grace_s=GRACE_S)).start()
    try:
        room = await world.room(password="1234")
        guesser = await world.visitor()
        for _ in range(5):
            with pytest.raises(WrongPassword):
                await world.service.admit(guesser, "10.0.0.9", room.id, "0000")
        with pytest.raises(TooFast):
            await world.service.admit(guesser, "10.0.0.9", room.id, "1234")
        await world.pass_time(5)
        await world.service.admit(guesser, "10.0.0.9", room.id, "1234")
    finally:
        await world.stop()


async def test_history_is_read_backwards_page_by_page(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for n in range(25):
        await peer.say(room, f"{n}")
    read: list[str | None] = []
    before: int | None = None
    more = True
    while more:
        page = await world.service.history.page(peer.who, room.id, before, 10)
        read = [record.chat for record in page.chats] + read
        before, more = page.chats[0].seq, page.more
    assert read == [f"{peer.who.user}님이 입장하셨습니다.", *(f"{n}" for n in range(25))]


# Catching up


async def test_missed_records_come_with_the_answer_and_later_ones_live(world: World) -> None:
    room = await world.room()
    talker, sleeper = await world.peer(), await world.peer()
    await talker.join(room)
    seen = (await sleeper.join(room)).seq
    sleeper.drop()
    missed = [await talker.say(room, f"{n}") for n in range(3)]
    back = await world.peer(sleeper.who)
    answer = await back.join(room, after=seen)
    live = await talker.say(room, "다시 왔네")
    await world.settle()
    assert [record.seq for record in answer.missed] == [record.seq for record in missed]
    assert back.seqs() == [live.seq]


async def test_a_long_absence_is_caught_up_in_pages_before_live_records(world: World) -> None:
    room = await world.room()
    talker, late = await world.peer(), await world.peer()
    await talker.join(room)
    said = await asyncio.gather(*(talker.say(room, f"{n}") for n in range(CATCH_UP_LIMIT + 20)))
    first = await late.join(room, after=0)
    between = await talker.say(room, "사이에")
    assert first.more
    assert late.heard == []
    second = await late.join(room, after=first.seq)
    assert not second.more
    seqs = [record.seq for answer in (first, second) for record in answer.missed]
    assert seqs == sorted(set(seqs))
    assert {record.seq for record in (*said, between)} < set(seqs)


async def test_catching_up_under_load_misses_and_duplicates_nothing(world: World) -> None:
    room = await world.room()
    talker, sleeper = await world.peer(), await world.peer()
    await talker.join(room)
    seen = (await sleeper.join(room)).seq
    got: list[int] = []
    said: list[int] = []

    async def talk() -> None:
        for n in range(300):
            said.append((await talker.say(room, f"{n}")).seq)

    async def come_and_go() -> None:
        nonlocal seen
        peer = sleeper
        while len(said) < 300:
            peer.drop()
            peer = await world.peer(sleeper.who)
            answer = await peer.join(room, after=seen)
            got.extend(record.seq for record in answer.missed)
            for _ in range(10):
                await asyncio.sleep(0)
            await world.stores.records.check()
            got.extend(peer.seqs())
            seen = max([answer.seq, *peer.seqs()])
            assert not answer.more

    await asyncio.gather(talk(), come_and_go())
    assert got == said[: len(got)]
    assert len(got) >= 299


# Whispers


async def test_a_whisper_reaches_only_its_two_parties(world: World) -> None:
    sender, reader, third = [await world.peer() for _ in range(3)]
    room = await world.room()
    for peer in (sender, reader, third):
        await peer.join(room)
    whisper = not_held(await world.service.whisper(sender.who, room.id, reader.who.user, "비밀", "w1"))
    assert reader.events("whisper")[0]["chat"] == "비밀"
    assert "nonce" not in reader.events("whisper")[0]
    assert sender.events("whisper")[0]["nonce"] == "w1"
    assert third.events("whisper") == []
    assert whisper.to == reader.who.user
    for peer, sees in ((sender, True), (reader, True), (third, False)):
        page = await world.service.history.page(peer.who, room.id, None, 50)
        assert ("비밀" in [record.chat for record in page.chats]) is sees
    reader.leave(room)
    with pytest.raises(NotHere):
        await world.service.whisper(sender.who, room.id, reader.who.user, "아직 있어요?", None)


# Typing


async def test_typing_is_sent_to_the_others_in_the_room_and_throttled(io_loop: IOLoop, tmp_path: Path) -> None:
    world = await World(tmp_path, Limits(grace_s=GRACE_S)).start()
    try:
        room = await world.room()
        writer, reader, outside = [await world.peer() for _ in range(3)]
        await writer.join(room)
        await reader.join(room)
        for _ in range(10):
            writer.type(room)
        outside.type(room)
        await world.settle()
        assert reader.events("typing") == [{"room": room.id, "user": writer.who.user}] * 2
        assert writer.events("typing") == []
        assert await world.stored("chats") == 2
    finally:
        await world.stop()


@pytest.mark.sqlite
async def test_typing_events_are_dropped_first(world: World) -> None:
    room = await world.room()
    writer, reader = await world.peer(), await world.peer()
    await writer.join(room)
    await reader.join(room)
    said = [writer.say(room, f"{n}") for n in range(BATCH_ROWS + 1)]
    waiting = asyncio.gather(*said)
    await asyncio.sleep(0)
    writer.type(room)
    await waiting
    writer.type(room)
    await world.settle()
    assert len(reader.events("typing")) == 1
    assert len(reader.events("chat")) == BATCH_ROWS + 1


# Ephemeral rooms


async def test_an_ephemeral_room_stores_no_record(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who, ephemeral=True)
    await owner.join(room)
    await guest.join(room)
    said = [await owner.say(room, "바람처럼", nonce="n1"), await owner.say(room, "바람처럼", nonce="n1")]
    await world.settle()
    assert said[0] == said[1]
    assert [line["chat"] for line in guest.events("chat")] == ["바람처럼"]
    assert await world.stored("chats") == 0
    assert await world.stored("members") == 2
    assert (await world.service.history.page(owner.who, room.id, None, 50)).chats == []
    assert (await guest.join(room, after=0)).missed == []


async def test_numbers_in_an_ephemeral_room_keep_growing_over_a_restart(world: World) -> None:
    peer = await world.peer()
    room = await world.room(ephemeral=True)
    await peer.join(room)
    before = await peer.say(room, "하나")
    await world.restart()
    again = await world.peer(peer.who)
    await again.join(room)
    assert (await again.say(room, "둘")).seq > before.seq


@pytest.mark.sqlite
async def test_an_ephemeral_room_works_on_a_full_disk(
    world: World, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("gifchat.db", "storage: attempt to write a readonly database")
    monkeypatch.setattr(chats, "RESERVED", 10)
    peer, guest = await world.peer(), await world.peer()
    room = await world.room(peer.who, ephemeral=True)
    await peer.join(room)
    await guest.join(room)
    await world.database.run("PRAGMA query_only = ON")
    for number in range(10):
        await peer.say(room, str(number))
    await world.settle()
    gc.collect()  # a failed task whose exception was never read is reported when it is collected
    assert [line["chat"] for line in guest.events("chat")] == [str(number) for number in range(10)]
    await world.database.run("PRAGMA query_only = OFF")


# Search and age


async def test_a_search_finds_syllables_in_either_case_and_no_system_lines(world: World) -> None:
    room = await world.room()
    peer, other = await world.peer(), await world.peer()
    await peer.join(room)
    await other.join(room)
    for chat in ("안녕하세요", "Hello 여러분", "100% 좋아요", "100점", "a_b"):
        await peer.say(room, chat)
    await world.service.whisper(peer.who, room.id, other.who.user, "안녕 귓속말", None)

    async def found(who: Peer, text: str) -> list[str | None]:
        records, following = await world.service.history.search(who.who, room.id, text, None, 50)
        assert following is None
        return [record.chat for record in records]

    assert await found(peer, "녕") == ["안녕하세요", "안녕 귓속말"]
    assert await found(peer, "hELLO") == ["Hello 여러분"]
    assert await found(peer, "0%") == ["100% 좋아요"]
    assert await found(peer, "_") == ["a_b"]
    assert await found(peer, "입장") == []
    third = await world.peer()
    await third.join(room)
    assert await found(third, "녕") == ["안녕하세요"]
    with pytest.raises(BadRequest):
        await found(peer, "  ")


async def test_a_search_continues_in_pages_and_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "SEARCHED", 7)
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for n in range(50):
        await peer.say(room, "찾는 말" if n % 3 == 0 else "다른 말")
    seqs: list[int] = []
    before: int | None = None
    requests = 0
    while requests == 0 or before is not None:
        records, before = await world.service.history.search(peer.who, room.id, "찾는", before, 2)
        assert len(records) <= 2
        seqs = [record.seq for record in records] + seqs
        requests += 1
    assert len(seqs) == 17
    assert seqs == sorted(seqs)


async def test_a_search_does_not_block_the_chat(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    await asyncio.gather(*(peer.say(room, "😀" * 2000) for _ in range(300)))
    started = time.monotonic()
    found, following = await world.service.history.search(peer.who, room.id, "😀" * 1000 + "b", None, 50)
    assert (found, following) == ([], None)
    assert time.monotonic() - started < 3  # seconds; a naive search would take ten


@pytest.mark.sqlite
async def test_old_records_expire(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for n in range(5):
        await peer.say(room, f"{n}")
    await world.database.run("UPDATE chats SET created_at = 0 WHERE chat IN ('0', '1', '2')")
    await world.service.expire(1)
    page = await world.service.history.page(peer.who, room.id, None, 50)
    assert [record.chat for record in page.chats][-2:] == ["3", "4"]
    assert len(page.chats) == 3
