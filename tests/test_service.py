"""What the rooms promise: places, lines, ownership, endings, and each record once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from db import chats
from db.writer import BATCH_ROWS
from realtime.chat.policy import CATCH_UP_LIMIT, Limits, RoomPatch
from realtime.errors import (
    BadRequest,
    EmptyChat,
    InvalidRoom,
    Kicked,
    NoSuchRoom,
    NotAdmitted,
    NotHere,
    NotOwner,
    RoomFull,
    TooFast,
    TooManyRooms,
    WrongPassword,
)
from tests.world import GRACE_S, Peer, World


@pytest.fixture
def world(io_loop: IOLoop, tmp_path: Path) -> Iterator[World]:
    world = io_loop.run_sync(World(tmp_path, Limits(rate=0, grace_s=GRACE_S)).start)
    yield world
    io_loop.run_sync(world.stop)


# Coming and going


async def test_a_join_is_a_line_for_the_others(world: World) -> None:
    room = await world.room()
    first, second = await world.peer(), await world.peer()
    await first.join(room)
    answer = await second.join(room)
    await world.settle()
    [line] = first.events("join")
    assert line["chat"] == f"{second.who.user}님이 입장하셨습니다."
    assert (line["user"], line["subject"], line["members"]) == ("system", second.who.user, 2)
    assert second.events("join") == []
    assert answer.seq == line["seq"]
    assert answer.members == [first.who.user, second.who.user]
    assert answer.room.members == 2


async def test_a_second_tab_makes_no_line_and_takes_no_place(world: World) -> None:
    room = await world.room(max=2)
    other, tab = await world.peer(), await world.peer()
    second_tab = await world.peer(tab.who)
    await other.join(room)
    await tab.join(room)
    answer = await second_tab.join(room)
    tab.leave(room)
    await world.settle()
    assert len(other.events("join")) == 1
    assert other.events("exit") == []
    assert answer.room.members == 2


async def test_the_room_is_full_for_a_third_visitor_until_one_leaves(world: World) -> None:
    room = await world.room(max=2)
    peers = [await world.peer() for _ in range(3)]
    await peers[0].join(room)
    await peers[1].join(room)
    with pytest.raises(RoomFull):
        await peers[2].join(room)
    peers[0].leave(room)
    assert (await peers[2].join(room)).room.members == 2


async def test_a_reload_makes_no_lines(world: World) -> None:
    room = await world.room()
    other, peer = await world.peer(), await world.peer()
    await other.join(room)
    await peer.join(room)
    peer.drop()
    await world.pass_time(GRACE_S / 2)
    again = await world.peer(peer.who)
    await again.join(room)
    await world.pass_time(GRACE_S * 2)
    assert [name for name, _ in other.heard] == ["join"]


async def test_a_dropped_place_is_held_for_the_grace_time_and_then_free(world: World) -> None:
    room = await world.room(max=2)
    other, peer, third = [await world.peer() for _ in range(3)]
    await other.join(room)
    await peer.join(room)
    peer.drop()
    with pytest.raises(RoomFull):
        await third.join(room)
    await world.pass_time(GRACE_S)
    [line] = other.events("exit")
    assert line["chat"] == f"{peer.who.user}님이 퇴장하셨습니다."
    assert line["members"] == 1
    await third.join(room)


async def test_exactly_max_get_in_whoever_comes_at_once(world: World) -> None:
    room = await world.room(max=5)
    peers = [await world.peer() for _ in range(25)]
    answers = await asyncio.gather(*(peer.join(room) for peer in peers), return_exceptions=True)
    assert sum(isinstance(answer, RoomFull) for answer in answers) == 20
    assert world.service.view(room.id).members == 5
    assert await world.stored("members") == 5


# The end of a room


async def test_the_last_one_gone_for_the_grace_time_takes_everything_along(world: World) -> None:
    lobby, peer = await world.peer(namespace="/room"), await world.peer()
    room = await world.room()
    await peer.join(room)
    await peer.say(room, "안녕")
    peer.drop()
    await world.pass_time(GRACE_S - 0.1)
    assert world.service.view(room.id)
    await world.pass_time(0.1)
    with pytest.raises(NoSuchRoom):
        world.service.view(room.id)
    assert [await world.stored(table) for table in ("rooms", "chats", "members", "grants")] == [0, 0, 0, 0]
    assert [name for name, _ in lobby.heard].count("removeRoom") == 1
    assert lobby.heard[-1] == ("removeRoom", room.id)


async def test_a_room_left_by_all_waits_one_grace_time_from_the_last(world: World) -> None:
    room = await world.room()
    first, second = await world.peer(), await world.peer()
    await first.join(room)
    await second.join(room)
    first.drop()
    await world.pass_time(GRACE_S / 2)
    second.leave(room)
    await world.pass_time(GRACE_S / 2)
    assert world.service.view(room.id).members == 0
    await world.pass_time(GRACE_S / 2)
    with pytest.raises(NoSuchRoom):
        world.service.view(room.id)


async def test_a_reload_by_the_last_person_keeps_the_room(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for _ in range(3):
        peer.drop()
        await world.pass_time(GRACE_S * 0.9)
        peer = await world.peer(peer.who)
        await peer.join(room)
    assert world.service.view(room.id).members == 1


async def test_a_room_nobody_entered_goes_after_a_minute(world: World) -> None:
    room = await world.room()
    await world.pass_time(59.9)
    assert world.service.view(room.id)
    await world.pass_time(0.1)
    assert world.service.lobby() == []


async def test_the_owner_deletes_a_room_over_the_heads_of_those_inside(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    with pytest.raises(NotOwner):
        await world.service.owner.delete(guest.who, room.id)
    await world.service.owner.delete(owner.who, room.id)
    await world.settle()
    assert guest.events("closed")[0]["room"] == room.id
    with pytest.raises(NoSuchRoom):
        await guest.say(room, "누구 있어요?")
    with pytest.raises(NoSuchRoom):
        await world.service.owner.delete(owner.who, room.id)
    assert await world.stored("rooms") == 0


# What is said


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


async def test_the_same_nonce_gives_the_first_answer_and_no_second_record(world: World) -> None:
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


async def test_the_same_nonce_at_once_is_one_record(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    records = await asyncio.gather(*(peer.say(room, "안녕", nonce="n1") for _ in range(10)))
    assert len({record.seq for record in records}) == 1
    assert len(peer.events("chat")) == 1


async def test_only_the_admitted_may_post_and_read(world: World) -> None:
    room = await world.room(password="1234")
    stranger = await world.visitor()
    with pytest.raises(NotAdmitted):
        await world.service.post(stranger, room.id, "안녕", None)
    with pytest.raises(NotAdmitted):
        await world.service.history(stranger, room.id, None, 50)
    with pytest.raises(WrongPassword):
        await world.service.admit(stranger, "10.0.0.9", room.id, "4321")
    await world.service.admit(stranger, "10.0.0.9", room.id, "1234")
    with pytest.raises(EmptyChat):
        await world.service.post(stranger, room.id, "  ", None)
    await world.service.post(stranger, room.id, "안녕", None)


async def test_a_guesser_has_to_wait(world: World) -> None:
    room = await world.room(password="1234")
    guesser = await world.visitor()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await world.service.admit(guesser, "10.0.0.9", room.id, "0000")
    with pytest.raises(TooFast):
        await world.service.admit(guesser, "10.0.0.9", room.id, "1234")
    await world.pass_time(5)
    await world.service.admit(guesser, "10.0.0.9", room.id, "1234")


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
        page = await world.service.history(peer.who, room.id, before, 10)
        read = [record.chat for record in page.chats] + read
        before, more = page.chats[0].seq, page.more
    assert read == [f"{peer.who.user}님이 입장하셨습니다.", *(f"{n}" for n in range(25))]


# Catching up


async def test_what_was_missed_comes_with_the_answer_and_the_rest_live(world: World) -> None:
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


async def test_a_long_absence_is_read_in_pages_before_anything_live(world: World) -> None:
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


async def test_catching_up_under_fire_misses_and_doubles_nothing(world: World) -> None:
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
            await world.database.check()
            got.extend(peer.seqs())
            seen = max([answer.seq, *peer.seqs()])
            assert not answer.more

    await asyncio.gather(talk(), come_and_go())
    assert got == said[: len(got)]
    assert len(got) >= 299


# The owner


async def test_the_longest_present_inherits(world: World) -> None:
    owner, second, third = [await world.peer() for _ in range(3)]
    room = await world.room(owner.who)
    for peer in (owner, second, third):
        await peer.join(room)
    owner.leave(room)
    await world.settle()
    assert world.service.view(room.id).owner == second.who.user
    [line] = third.events("owner")
    assert line["subject"] == second.who.user
    await world.restart()
    assert world.service.view(room.id).owner == second.who.user


async def test_an_owner_who_never_came_is_followed_after_a_minute(world: World) -> None:
    owner = await world.visitor()
    room = await world.room(owner)
    guest = await world.peer()
    await guest.join(room)
    await world.pass_time(59)
    assert world.service.view(room.id).owner == owner.user
    await world.pass_time(1)
    assert world.service.view(room.id).owner == guest.who.user


async def test_a_kicked_visitor_leaves_with_all_tabs_and_stays_out(world: World) -> None:
    owner, guest, third = [await world.peer() for _ in range(3)]
    tab = await world.peer(guest.who)
    room = await world.room(owner.who, max=3)
    for peer in (owner, guest, third, tab):
        await peer.join(room)
    with pytest.raises(NotOwner):
        await world.service.owner.kick(third.who, room.id, guest.who.user)
    with pytest.raises(BadRequest):
        await world.service.owner.kick(owner.who, room.id, owner.who.user)
    await world.service.owner.kick(owner.who, room.id, guest.who.user)
    await owner.say(room, "조용하네요")
    for peer in (guest, tab):
        assert peer.events("kicked")[0]["room"] == room.id
        assert peer.events("chat") == []
        with pytest.raises(Kicked):
            await peer.join(room)
    assert third.events("kick")[0]["subject"] == guest.who.user
    assert third.events("exit") == []
    for refused in (
        lambda: world.service.post(guest.who, room.id, "왜요", None),
        lambda: world.service.history(guest.who, room.id, None, 50),
        lambda: world.service.admit(guest.who, "10.0.0.9", room.id, None),
    ):
        with pytest.raises(Kicked):
            await refused()
    await world.restart()
    with pytest.raises(Kicked):
        await world.service.post(guest.who, room.id, "왜요", None)
    for _ in range(2):
        await world.service.owner.readmit(owner.who, room.id, guest.who.user)
    await (await world.peer(guest.who)).join(room)


async def test_ownership_is_handed_to_somebody_present(world: World) -> None:
    owner, guest, away = await world.peer(), await world.peer(), await world.visitor()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    with pytest.raises(NotHere):
        await world.service.owner.hand_over(owner.who, room.id, away.user)
    await world.service.owner.hand_over(owner.who, room.id, guest.who.user)
    with pytest.raises(NotOwner):
        await world.service.owner.delete(owner.who, room.id)
    assert world.service.view(room.id).owner == guest.who.user


async def test_the_owner_changes_the_room(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who, max=5)
    await owner.join(room)
    await guest.join(room)
    changed = await world.service.owner.change(owner.who, room.id, RoomPatch(title="새 이름", max=2, password="열려라"))
    assert (changed.title, changed.max, changed.password) == ("새 이름", 2, True)
    third = await world.peer()
    await guest.join(room)  # admitted before, without a password
    guest.leave(room)
    with pytest.raises(WrongPassword):
        await third.join(room)
    await third.join(room, password="열려라")
    with pytest.raises(InvalidRoom):
        await world.service.owner.change(owner.who, room.id, RoomPatch(max=1))
    assert not (await world.service.owner.change(owner.who, room.id, RoomPatch(password=None))).password


# Whispers


async def test_a_whisper_reaches_the_two_alone(world: World) -> None:
    sender, reader, third = [await world.peer() for _ in range(3)]
    room = await world.room()
    for peer in (sender, reader, third):
        await peer.join(room)
    whisper = await world.service.whisper(sender.who, room.id, reader.who.user, "비밀", "w1")
    assert reader.events("whisper")[0]["chat"] == "비밀"
    assert "nonce" not in reader.events("whisper")[0]
    assert sender.events("whisper")[0]["nonce"] == "w1"
    assert third.events("whisper") == []
    assert whisper.to == reader.who.user
    for peer, sees in ((sender, True), (reader, True), (third, False)):
        page = await world.service.history(peer.who, room.id, None, 50)
        assert ("비밀" in [record.chat for record in page.chats]) is sees
    reader.leave(room)
    with pytest.raises(NotHere):
        await world.service.whisper(sender.who, room.id, reader.who.user, "아직 있어요?", None)


# Typing


async def test_typing_is_shown_to_the_others_inside_and_not_too_often(io_loop: IOLoop, tmp_path: Path) -> None:
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


async def test_typing_is_dropped_first(world: World) -> None:
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
    assert (await world.service.history(owner.who, room.id, None, 50)).chats == []
    assert (await guest.join(room, after=0)).missed == []


async def test_numbers_only_grow_over_a_restart_of_an_ephemeral_room(world: World) -> None:
    peer = await world.peer()
    room = await world.room(ephemeral=True)
    await peer.join(room)
    before = await peer.say(room, "하나")
    await world.restart()
    again = await world.peer(peer.who)
    await again.join(room)
    assert (await again.say(room, "둘")).seq > before.seq


# After a restart


async def test_those_of_before_return_without_lines_within_a_minute(world: World) -> None:
    owner, guest, away = [await world.peer() for _ in range(3)]
    room = await world.room(owner.who, password="1234", max=3)
    await owner.join(room)
    await guest.join(room, password="1234")
    await away.join(room, password="1234")
    await world.restart()
    assert world.service.view(room.id).members == 3
    back = [await world.peer(peer.who) for peer in (owner, guest)]
    for peer in back:
        await peer.join(room)
    await world.pass_time(59)
    assert back[0].heard == []
    await world.pass_time(1)
    assert [name for name, _ in back[0].heard] == ["exit"]
    assert world.service.view(room.id).owner == owner.who.user


async def test_a_room_nobody_returns_to_is_gone_after_a_minute(world: World) -> None:
    peer = await world.peer()
    room = await world.room()
    await peer.join(room)
    await world.restart()
    await world.pass_time(60)
    assert world.service.lobby() == []
    assert await world.stored("rooms") == 0


# The lobby


async def test_the_lobby_hears_of_changes_four_times_a_second_and_always_of_the_last(world: World) -> None:
    lobby = await world.peer(namespace="/room")
    room = await world.room(max=100)
    for _ in range(30):
        await (await world.peer()).join(room)
    await world.pass_time(0.25)
    updates = lobby.events("updateRoom")
    assert len(updates) == 2
    assert updates[-1]["members"] == 30


async def test_bounds_of_the_server(io_loop: IOLoop, tmp_path: Path) -> None:
    world = await World(tmp_path, Limits(rate=5, max_rooms=12, max_occupancy=20)).start()
    try:
        visitor = await world.visitor()
        with pytest.raises(InvalidRoom):
            await world.room(visitor, max=21)
        for _ in range(10):
            room = await world.room(visitor)
        with pytest.raises(TooFast):
            await world.room(visitor)
        await world.room()
        await world.room()
        with pytest.raises(TooManyRooms):
            await world.room()
        peer = await world.peer(visitor)
        await peer.join(room)
        for n in range(10):
            await peer.say(room, f"{n}")
        with pytest.raises(TooFast) as refused:
            await peer.say(room, "너무 빨라요")
        assert refused.value.body()["retry_after"] == pytest.approx(0.2)
    finally:
        await world.stop()


# Search and age


async def test_a_search_finds_syllables_and_both_cases_and_no_system_lines(world: World) -> None:
    room = await world.room()
    peer, other = await world.peer(), await world.peer()
    await peer.join(room)
    await other.join(room)
    for chat in ("안녕하세요", "Hello 여러분", "100% 좋아요", "100점", "a_b"):
        await peer.say(room, chat)
    await world.service.whisper(peer.who, room.id, other.who.user, "안녕 귓속말", None)

    async def found(who: Peer, text: str) -> list[str | None]:
        records, following = await world.service.search(who.who, room.id, text, None, 50)
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


async def test_a_search_goes_on_in_pages_and_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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
        records, before = await world.service.search(peer.who, room.id, "찾는", before, 2)
        assert len(records) <= 2
        seqs = [record.seq for record in records] + seqs
        requests += 1
    assert len(seqs) == 17
    assert seqs == sorted(seqs)


async def test_old_records_go_with_their_age(world: World) -> None:
    room = await world.room()
    peer = await world.peer()
    await peer.join(room)
    for n in range(5):
        await peer.say(room, f"{n}")
    await world.database.run("UPDATE chats SET created_at = 0 WHERE chat IN ('0', '1', '2')")
    await world.service.expire(1)
    page = await world.service.history(peer.who, room.id, None, 50)
    assert [record.chat for record in page.chats][-2:] == ["3", "4"]
    assert len(page.chats) == 3
