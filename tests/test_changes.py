"""Changes to records: reactions, edits, deletions and replies are stored, sent and caught up with."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast

import msgspec
import pytest

from realtime.chat.model import RoomView
from realtime.chat.policy import EDITABLE_S, Limits
from realtime.chat.records import MAX_REACTIONS, QUOTED_LENGTH
from realtime.chat.room import RECENT
from realtime.chat.wire_forms import Record
from realtime.deferred import Deferred
from realtime.errors import (
    BadRequest,
    DomainError,
    EmptyChat,
    Kicked,
    NotAdmitted,
    NotFound,
    NotYours,
    Storage,
    TooFast,
    TooLate,
    TooManyReactions,
)
from tests.conftest import ExpectLog
from tests.images import gif_of_size
from tests.test_owner import full
from tests.world import Json, Peer, World, not_held, world

__all__ = ["world"]

pytestmark = pytest.mark.sqlite

STORED_AND_EPHEMERAL = pytest.mark.parametrize("ephemeral", [False, True])
TURN_S = 0.25


async def members(world: World, count: int, **form: object) -> tuple[RoomView, list[Peer]]:
    """Return a room and its members, the owner first."""
    peers = [await world.peer() for _ in range(count)]
    room = await world.room(peers[0].who, **form)
    for peer in peers:
        await peer.join(room)
    await world.settle()
    return room, peers


async def history(world: World, peer: Peer, room: RoomView) -> list[Json]:
    """Return the room's history as the peer's visitor sees it, without system lines."""
    page = await world.service.history.page(peer.who, room.id, None, 200)
    return [wire(record) for record in page.chats if record.event is None]


async def made(world: World, asked: Deferred[int]) -> int:
    """Return the `rev` of a change, once its record has had its turn."""
    await world.settle()
    if not asked.done():
        await world.pass_time(TURN_S)
    return asked.result()


def wire(record: Record) -> Json:
    return cast(Json, msgspec.json.decode(msgspec.json.encode(record)))


# Each kind of change


@STORED_AND_EPHEMERAL
async def test_a_reaction_reaches_everyone_and_is_marked_as_the_reactors_own(world: World, ephemeral: bool) -> None:
    room, [host, guest] = await members(world, 2, ephemeral=ephemeral)
    said = await host.say(room, "안녕")
    rev = await made(world, world.service.records.react(guest.who, room.id, said.id, "👍", on=True))
    assert rev > said.seq
    [update] = host.events("update")
    assert update == {**wire(said), "rev": rev, "reactions": {"👍": {"count": 1, "users": [guest.who.user]}}}
    assert guest.events("update") == [{**update, "mine": ["👍"]}]
    assert (
        await made(world, world.service.records.react(guest.who, room.id, said.id, "👍", on=True)) == rev
    )  # idempotent
    await world.pass_time(TURN_S)
    last = await made(world, world.service.records.react(guest.who, room.id, said.id, "👍", on=False))
    assert host.events("update")[-1] == {**wire(said), "rev": last}
    assert await history(world, guest, room) == ([] if ephemeral else [{**wire(said), "rev": last}])


@STORED_AND_EPHEMERAL
async def test_an_edit_replaces_the_text_and_records_its_time(world: World, ephemeral: bool) -> None:
    room, [host, guest] = await members(world, 2, ephemeral=ephemeral)
    said = await host.say(room, "안넝", "n-1")
    rev = await made(world, world.service.records.edit(host.who, room.id, said.id, " 안녕 "))
    [update] = guest.events("update")
    assert (update["chat"], update["rev"], update["seq"], "nonce" in update) == ("안녕", rev, said.seq, False)
    assert str(update["editedAt"]).endswith("Z")
    assert host.events("update") == [{**update, "nonce": "n-1"}]
    assert (await host.say(room, "안넝", "n-1")).seq == said.seq  # the nonce is still that of this record
    if not ephemeral:
        assert await history(world, guest, room) == [update]


@STORED_AND_EPHEMERAL
@pytest.mark.parametrize("by", ["sender", "owner"])
async def test_a_deletion_erases_the_text(world: World, ephemeral: bool, by: str) -> None:
    room, [host, guest] = await members(world, 2, ephemeral=ephemeral)
    said = await guest.say(room, "비밀번호는 고양이", "n-1")
    answer = await host.post(room, "안 돼", re=said)
    await made(world, world.service.records.react(host.who, room.id, said.id, "😮", on=True))
    await world.pass_time(TURN_S)
    who = guest.who if by == "sender" else host.who
    rev = await made(world, world.service.records.delete(who, room.id, said.id))
    await world.pass_time(TURN_S)
    gone = {key: value for key, value in wire(said).items() if key not in ("chat", "nonce")} | {"deleted": by}
    assert [update for update in host.events("update") if update["rev"] == rev] == [{**gone, "rev": rev}]
    [last] = [update for update in host.events("update") if update["_id"] == answer.id]
    assert last["re"] == {"_id": said.id, "seq": said.seq, "user": said.user, "deleted": by}
    assert await made(world, world.service.records.delete(who, room.id, said.id)) == rev  # idempotent
    if not ephemeral:
        assert await history(world, host, room) == [{**gone, "rev": rev}, last]
        assert (await world.service.history.search(host.who, room.id, "고양이", None, 50))[0] == []
        await world.database.run("PRAGMA wal_checkpoint(TRUNCATE)")
        for file in world.folder.glob("gifchat.db*"):
            assert "고양이".encode() not in file.read_bytes()


async def test_deleting_the_last_record_of_an_image_deletes_its_file(world: World) -> None:
    room, [host, _] = await members(world, 2)
    first = await world.send_image(host.who, room, gif_of_size(5000))
    second = await world.send_image(host.who, room, gif_of_size(5000))
    files = world.files()
    assert first.gif == second.gif
    await made(world, world.service.records.delete(host.who, room.id, first.id))
    await world.assert_consistent()
    assert world.files() == files
    await made(world, world.service.records.delete(host.who, room.id, second.id))
    await world.assert_consistent()
    assert world.files() == []
    assert [("gif" in record, record["deleted"]) for record in await history(world, host, room)] == [
        (False, "sender")
    ] * 2


@STORED_AND_EPHEMERAL
async def test_a_reply_quotes_the_current_state_of_its_target(world: World, ephemeral: bool) -> None:
    room, [host, guest] = await members(world, 2, ephemeral=ephemeral)
    said = await host.say(room, "가" * 200)
    answer = wire(await guest.post(room, "응", re=said))
    assert answer["re"] == {"_id": said.id, "seq": said.seq, "user": said.user, "chat": "가" * QUOTED_LENGTH}
    await made(world, world.service.records.edit(host.who, room.id, said.id, "나"))
    await world.pass_time(TURN_S)
    [update] = [one for one in host.events("update") if one["_id"] == answer["_id"]]
    assert (cast(Json, update["re"])["chat"], cast(int, update["rev"]) > cast(int, answer["seq"])) == ("나", True)


async def test_a_reply_to_a_whisper_reveals_nothing_to_the_room(world: World) -> None:
    room, [host, guest, other] = await members(world, 3)
    secret = not_held(await world.service.whisper(host.who, room.id, guest.who.user, "비밀", None))
    quoted = await world.service.records.quotable(guest.who, room.id, secret.id)
    with pytest.raises(NotFound):
        await world.service.records.quotable(other.who, room.id, secret.id)
    await world.service.post(guest.who, room.id, "들었어", None, quoted)
    await world.service.whisper(guest.who, room.id, host.who.user, "알았어", None, quoted=quoted)
    assert [line["re"] for line in other.events("chat")] == [
        {"_id": secret.id, "seq": secret.seq, "user": host.who.user}
    ]
    assert [cast(Json, line["re"])["chat"] for line in host.events("whisper")[1:]] == ["비밀"]
    rev = await made(world, world.service.records.react(guest.who, room.id, secret.id, "🤫", on=True))
    assert [one["rev"] for one in host.events("update")] == [rev]
    assert other.events("update") == []


async def test_a_system_line_accepts_reactions_and_replies(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    [line] = host.events("join")
    await made(world, world.service.records.react(host.who, room.id, str(line["_id"]), "👋", on=True))
    quoted = await world.service.records.quotable(host.who, room.id, str(line["_id"]))
    answer = wire(not_held(await world.service.post(host.who, room.id, "어서 와", None, quoted)))
    assert cast(Json, answer["re"])["chat"] == line["chat"]
    assert [one["subject"] for one in guest.events("update")] == [guest.who.user]


# Concurrent changes


async def test_many_reactions_are_sent_at_most_four_times_a_second_and_end_in_the_final_state(world: World) -> None:
    room, [host, *rest] = await members(world, 30, max=40)
    said = await host.say(room, "투표")
    asked = [world.service.records.react(peer.who, room.id, said.id, "👍", on=True) for peer in rest[:10]]
    await world.settle()
    for peer in rest[10:]:
        asked.append(world.service.records.react(peer.who, room.id, said.id, "👍", on=True))
        await world.pass_time(0.01)
    assert len(host.events("update")) == 1
    await world.pass_time(TURN_S)
    updates = host.events("update")
    counts = [cast(Json, cast(Json, update["reactions"])["👍"])["count"] for update in updates]
    assert counts == [10, 29]
    assert {one.result() for one in asked} == {update["rev"] for update in updates}
    assert cast(Json, cast(Json, updates[-1]["reactions"])["👍"])["users"] == [peer.who.user for peer in rest]


async def test_two_simultaneous_changes_of_one_record_both_take_effect(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    said = await host.say(room, "안넝")
    edited = world.service.records.edit(host.who, room.id, said.id, "안녕")
    reacted = world.service.records.react(guest.who, room.id, said.id, "👍", on=True)
    assert await made(world, edited) == await made(world, reacted)
    [update] = guest.events("update")
    assert (update["chat"], update["mine"]) == ("안녕", ["👍"])


async def test_a_catch_up_delivers_each_changed_record_once_in_its_current_state(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    old = await host.say(room, "옛날")
    guest.drop()
    first, second = [await host.say(room, text) for text in ("하나", "둘")]
    await made(world, world.service.records.edit(host.who, room.id, old.id, "아주 옛날"))
    await made(world, world.service.records.react(host.who, room.id, first.id, "👍", on=True))
    await world.pass_time(TURN_S)
    last = await made(world, world.service.records.delete(host.who, room.id, first.id))
    again = await world.peer(guest.who)
    answer = await again.join(room, after=old.seq)
    missed = [(record.id, record.chat, record.deleted) for record in answer.missed if record.event is None]
    assert missed == [(second.id, "둘", None), (old.id, "아주 옛날", None), (first.id, None, "sender")]
    assert answer.seq == last
    assert (await again.join(room, after=last)).missed == []


async def test_changes_and_records_are_sent_in_order_of_their_numbers(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    said = [await host.say(room, str(number)) for number in range(20)]
    guest.heard.clear()
    under_way: list[Awaitable[object]] = []
    for number, record in enumerate(said):
        under_way.append(world.service.records.react(host.who, room.id, record.id, "👍", on=True))
        under_way += [asyncio.ensure_future(host.say(room, f"{number} {again}")) for again in range(3)]
    for one in under_way:
        await one
    positions = [
        cast(int, argument.get("rev", argument["seq"])) for _, argument in cast("list[tuple[str, Json]]", guest.heard)
    ]
    assert positions == sorted(positions)
    assert len(positions) == 80


async def test_a_restart_keeps_changes_and_reuses_no_number(world: World) -> None:
    room, [host, _] = await members(world, 2)
    said = await host.say(room, "안넝")
    rev = await made(world, world.service.records.edit(host.who, room.id, said.id, "안녕"))
    await world.restart()
    [record] = await history(world, host, room)
    assert (record["chat"], record["rev"]) == ("안녕", rev)
    again = await world.peer(host.who)
    await again.join(room)
    assert (await again.say(room, "다음")).seq > rev


@pytest.mark.parametrize("how", ["its room is deleted", "its records expire"])
async def test_the_number_of_a_change_is_never_reused(world: World, how: str) -> None:
    room, [host, _] = await members(world, 2)
    first, last = [await host.say(room, text) for text in ("하나", "둘")]
    rev = await made(world, world.service.records.edit(host.who, room.id, first.id, "셋"))
    if how == "its room is deleted":
        await world.service.owner.delete(host.who, room.id)
    else:
        await world.service.expire(2**50)
        assert [record["_id"] for record in await history(world, host, room)] == [last.id]
    await world.restart()
    room, [host] = await members(world, 1)
    assert (await host.say(room, "다음")).seq > rev


async def test_changing_a_record_that_has_just_expired_does_not_restore_it(world: World) -> None:
    room, [host, _] = await members(world, 2)
    first, last = [await host.say(room, text) for text in ("하나", "둘")]
    asked = world.service.records.edit(host.who, room.id, first.id, "셋")
    expired = world.service.expire(2**50)
    await expired
    await world.settle()
    assert asked.exception() is None or isinstance(asked.exception(), NotFound)
    assert [record["_id"] for record in await history(world, host, room)] == [last.id]


async def test_in_an_ephemeral_room_only_recent_records_can_be_changed(world: World) -> None:
    room, [host, _] = await members(world, 2, ephemeral=True)
    said = [await host.say(room, str(number)) for number in range(RECENT + 1)]
    with pytest.raises(NotFound):
        await made(world, world.service.records.edit(host.who, room.id, said[0].id, "x"))
    await made(world, world.service.records.edit(host.who, room.id, said[1].id, "x"))
    assert await world.stored("chats") == 0


# Refusals


async def refused(world: World, work: "Callable[[], Deferred[int] | Awaitable[object]]") -> type[DomainError]:
    with pytest.raises(DomainError) as error:
        asked = work()
        if isinstance(asked, Deferred):
            await made(world, asked)
        else:
            await asked
    return error.type


async def test_invalid_changes_are_refused_and_change_nothing(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    service, changed = world.service, world.service.records
    elsewhere, [stranger] = await members(world, 1)
    foreign = await stranger.say(elsewhere, "딴 방")
    said, theirs = await host.say(room, "안녕"), await guest.say(room, "응")
    line = str(host.events("join")[0]["_id"])
    forged = f"{int(said.id[:8], 16) + 1:08x}{said.id[8:]}"
    for unknown in (foreign.id, forged, "f" * 24, "0" * 24, "x", ""):
        for change in (
            partial(changed.react, host.who, room.id, unknown, "👍", on=True),
            partial(changed.edit, host.who, room.id, unknown, "x"),
            partial(changed.delete, host.who, room.id, unknown),
            partial(changed.quotable, host.who, room.id, unknown),
        ):
            assert await refused(world, change) is NotFound
    for emoji in ("a", "", "👍👍", "❤", "🏻", "👍 ", "<b>"):
        assert await refused(world, partial(changed.react, host.who, room.id, said.id, emoji, on=True)) is BadRequest
    assert await refused(world, lambda: changed.edit(guest.who, room.id, said.id, "x")) is NotYours
    assert await refused(world, lambda: changed.edit(host.who, room.id, theirs.id, "x")) is NotYours
    assert await refused(world, lambda: changed.edit(host.who, room.id, line, "x")) is NotYours
    assert await refused(world, lambda: changed.delete(host.who, room.id, line)) is NotYours
    assert await refused(world, lambda: changed.delete(guest.who, room.id, said.id)) is NotYours
    assert await refused(world, lambda: changed.edit(host.who, room.id, said.id, " ")) is EmptyChat
    assert await refused(world, lambda: changed.react(stranger.who, room.id, said.id, "👍", on=True)) is NotAdmitted
    await service.owner.kick(host.who, room.id, guest.who.user)
    assert await refused(world, lambda: changed.delete(guest.who, room.id, theirs.id)) is Kicked
    assert EDITABLE_S == 15 * 60
    world.clock.advance(EDITABLE_S + 1)
    assert await refused(world, lambda: changed.edit(host.who, room.id, said.id, "x")) is TooLate
    await world.settle()
    assert [record.get("rev") for record in await history(world, host, room)] == [None, None]
    assert host.events("update") == []


async def test_a_deleted_record_cannot_be_edited_or_reacted_to(world: World) -> None:
    room, [host, _] = await members(world, 2)
    said = await host.say(room, "안녕")
    rev = await made(world, world.service.records.delete(host.who, room.id, said.id))
    await world.pass_time(TURN_S)
    assert await refused(world, lambda: world.service.records.edit(host.who, room.id, said.id, "x")) is NotFound
    assert (
        await refused(world, lambda: world.service.records.react(host.who, room.id, said.id, "👍", on=True)) is NotFound
    )
    assert [record["rev"] for record in await history(world, host, room)] == [rev]


async def test_a_record_takes_at_most_twenty_different_reactions(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    said = await host.say(room, "안녕")
    emoji = [chr(0x1F600 + number) for number in range(MAX_REACTIONS + 1)]
    asked = [world.service.records.react(host.who, room.id, said.id, one, on=True) for one in emoji]
    await world.settle()
    assert isinstance(asked[-1].exception(), TooManyReactions)
    assert {one.exception() for one in asked[:-1]} == {None}
    await world.pass_time(TURN_S)
    await made(world, world.service.records.react(guest.who, room.id, said.id, emoji[0], on=True))
    [record] = await history(world, host, room)
    assert list(cast(Json, record["reactions"])) == emoji[:-1]


async def test_a_change_that_is_not_stored_is_not_sent(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: .*failed")
    room, [host, guest] = await members(world, 2)
    said = await host.say(room, "안녕")
    await full(world, True)
    assert await refused(world, lambda: world.service.records.edit(host.who, room.id, said.id, "x")) is Storage
    await full(world, False)
    assert guest.events("update") == []
    assert await history(world, guest, room) == [wire(said)]


async def test_a_reaction_counts_a_third_of_a_message(world: World) -> None:
    world.limits = Limits(rate=1, linger_s=0)
    await world.restart()
    room, [host] = await members(world, 1)
    said = await host.say(room, "안녕")
    for number in range(3):
        world.service.records.react(host.who, room.id, said.id, chr(0x1F600 + number), on=True)
    with pytest.raises(TooFast):
        world.service.records.react(host.who, room.id, said.id, "👍", on=True)


async def test_a_catch_up_reads_records_and_changes_in_one_snapshot(world: World) -> None:
    """Otherwise it would end after a change and miss records from before that change."""
    room, [host] = await members(world, 1)
    said = await host.say(room, "안녕")
    [(key,)] = await world.database.run("SELECT key FROM rooms")
    assert isinstance(key, int)
    records = world.stores.records
    kept = await records.get(key, said.seq)
    assert kept is not None
    reading = asyncio.create_task(records.after(key, host.who.id, said.seq, 9))
    await asyncio.sleep(0)  # it has started
    stored = [records.append(kept.at(*records.next())), records.change(kept.revised(records.next()[0]))]
    found = await reading
    assert [await one for one in stored] == [True, True]
    after = await records.after(key, host.who.id, said.seq, 9)
    assert len(after) == 2
    assert found == after[: len(found)]


async def test_records_that_are_no_longer_in_memory_can_be_changed(world: World) -> None:
    room, [host, guest] = await members(world, 2)
    said = await host.say(room, "안넝")
    answer = await guest.post(room, "응", re=said)
    for number in range(RECENT):
        await host.say(room, f"{number}")
    await made(world, world.service.records.edit(host.who, room.id, said.id, "안녕"))
    await world.pass_time(TURN_S)
    updates = {update["_id"]: update for update in guest.events("update")}
    assert updates[said.id]["chat"] == "안녕"
    assert cast(Json, updates[answer.id]["re"])["chat"] == "안녕"
