"""Messages that wait for the teacher: who sees what of them, until they are shown or dropped."""

import asyncio
from typing import cast

import msgspec
import pytest

from realtime.chat.desk.ports import HeldRow
from realtime.chat.desk.waiting import HELD_EACH, HELD_IN_ROOM, HeldAnswer
from realtime.chat.model import Visitor
from realtime.chat.wire_forms import HeldRecord, Record
from realtime.errors import Held, Kicked, NotFound, Storage, TooFast
from tests.classroom import people, refused
from tests.client import GIF
from tests.conftest import ExpectLog
from tests.holding import Judge, approving, flags, hold, listed
from tests.images import gif_of
from tests.world import Json, World, not_held, world

__all__ = ["world"]

sqlite = pytest.mark.sqlite


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_what_is_held_is_seen_by_its_sender_and_the_desk_until_it_is_shown(world: World, ephemeral: bool) -> None:
    room, sender, other, desk = await approving(world, ephemeral=ephemeral)
    answer = await hold(sender, room, "안녕", "n1")
    assert msgspec.to_builtins(answer) == {"held": True, "id": answer.id}
    [flag] = desk.flags
    assert (flag.held, flag.user, flag.chat, flag.why, flag.nonce) == (
        answer.id,
        sender.who.user,
        "안녕",
        "approve",
        None,
    )
    assert [(one["held"], one["chat"], one["nonce"]) for one in sender.events("held")] == [(answer.id, "안녕", "n1")]
    assert sender.events("chat") == other.events("chat") == []
    [mine] = cast("list[HeldRecord]", (await sender.join(room)).held)
    assert (mine.held, mine.chat, mine.nonce) == (answer.id, "안녕", "n1")
    assert (await other.join(room)).held is msgspec.UNSET
    seq = world.service.position(room.id)
    await desk.show(flag)
    [record] = sender.events("chat")
    assert (record["chat"], record["nonce"]) == ("안녕", "n1")
    assert cast(int, record["seq"]) > seq
    assert "nonce" not in other.events("chat")[0]
    done = {"room": room.id, "held": answer.id, "shown": True, "nonce": "n1"}
    assert sender.heard[-1] == ("heldDone", done)
    assert desk.decided == [answer.id]
    assert (await sender.join(room)).held is msgspec.UNSET
    assert not any(name.startswith("held") for name, _ in other.heard)


@pytest.mark.parametrize("ephemeral", [False, True])
async def test_what_is_dropped_is_gone_and_its_sender_is_told(world: World, ephemeral: bool) -> None:
    room, sender, other, desk = await approving(world, ephemeral=ephemeral)
    answer = await hold(sender, room, "안녕", "n1")
    await desk.drop(desk.flags[0])
    assert sender.heard[-1] == ("heldDone", {"room": room.id, "held": answer.id, "shown": False, "nonce": "n1"})
    assert (await sender.join(room)).held is msgspec.UNSET
    assert await hold(sender, room, "안녕", "n1") == answer  # a late repetition
    assert len(desk.flags) == 1
    assert sender.events("chat") == other.events("chat") == []


async def test_of_two_desks_one_decides(world: World) -> None:
    room, sender, other, desk = await approving(world)
    await hold(sender, room, "안녕")
    [flag] = desk.flags
    _, *others = await asyncio.gather(
        desk.show(flag), refused(lambda: desk.show(flag)), refused(lambda: desk.drop(flag))
    )
    assert others == [NotFound, NotFound]
    assert len(other.events("chat")) == 1
    assert await refused(lambda: world.service.desk.drop(desk.who, "0" * 24, flag.held)) is NotFound


async def test_the_same_nonce_gets_the_same_answer(world: World) -> None:
    """While it is stored, while it waits, when it may be said without waiting, and after it was said."""
    room, sender, other, desk = await approving(world)
    first = world.service.post(sender.who, room.id, "하나", "n1")
    assert await hold(sender, room, "하나", "n1") == await first
    await world.service.desk.approve(desk.who, room.id, False)
    assert await hold(sender, room, "하나", "n1") == await first
    assert len(desk.flags) == 1
    await desk.show(desk.flags[0])
    assert (await sender.say(room, "하나", "n1")).chat == "하나"
    before = await sender.say(room, "둘", "n2")
    await world.service.desk.approve(desk.who, room.id, True)
    assert await sender.say(room, "둘", "n2") == before
    assert [one["chat"] for one in other.events("chat")] == ["하나", "둘"]
    assert len(desk.flags) == 1


async def test_a_whisper_under_the_nonce_of_what_is_held_gets_its_answer_and_is_not_sent(world: World) -> None:
    room, sender, other, desk = await approving(world)
    answer = await hold(sender, room, "하나", "n1")
    service = world.service
    assert await service.whisper(sender.who, room.id, other.who.user, "둘", "n1") == answer
    await desk.show(desk.flags[0])
    assert [one["chat"] for one in other.events("chat")] == ["하나"] and not other.events("whisper")


@sqlite
async def test_what_is_held_survives_a_restart_and_a_drop_leaves_nothing(world: World) -> None:
    room, sender, other, desk = await approving(world)
    line = await world.service.post(desk.who, room.id, "질문", None)
    quoted = await world.service.records.quotable(sender.who, room.id, line.id)
    await world.service.post(sender.who, room.id, "기다림", "n1", quoted)
    await hold(other, room, "다른 말")
    await world.restart()
    desk = Judge(world, desk.who)
    sender = await world.peer(sender.who)
    [mine] = cast("list[HeldRecord]", (await sender.join(room)).held)
    assert (mine.chat, mine.nonce, mine.re and mine.re.id) == ("기다림", "n1", line.id)
    assert await hold(sender, room, "기다림", "n1") == HeldAnswer(mine.held)
    waiting = flags(world)
    assert [flag.chat for flag in waiting] == ["기다림", "다른 말"]
    await desk.show(waiting[0])
    assert cast(Json, sender.events("chat")[0]["re"])["chat"] == "질문"
    await desk.drop(waiting[1])
    assert await world.stored("held") == 0
    assert world.database.take_erased()
    page = await world.service.history.page(sender.who, room.id, None, 50)
    assert [one.chat for one in page.chats if one.event is None] == ["질문", "기다림"]


@sqlite
@pytest.mark.parametrize("ephemeral", [False, True])
async def test_an_image_lives_while_it_waits_and_goes_with_what_is_dropped(world: World, ephemeral: bool) -> None:
    room, sender, other, desk = await approving(world, ephemeral=ephemeral)
    for _ in range(2):
        await world.upload(sender.who, room, GIF, "n1")
    [flag] = desk.flags
    assert flag.gif is not None
    assert world.files() == sorted(filter(None, [flag.gif, flag.poster]))
    await world.assert_consistent()
    assert (await world.service.gallery.gifs(other.who, room.id)).recent == []
    if not ephemeral:
        await world.restart()
        desk = Judge(world, desk.who)
        await world.assert_consistent()
        assert world.files()
    await desk.show(flag)
    await world.assert_consistent()
    assert world.files()
    await world.upload(sender.who, room, gif_of(2, 9, 9), "n2")
    await world.upload(sender.who, room, GIF, "n3")
    for waiting in desk.flags[-2:]:
        await desk.drop(waiting)
    await world.assert_consistent()
    assert world.files() == sorted(filter(None, [flag.gif, flag.poster]))


async def test_a_listed_word_holds_messages_captions_and_replies_but_no_whisper(world: World) -> None:
    room, [sender, other] = await people(world)
    desk = await listed(world, "바보", "# no", "")
    first = await sender.say(room, "안녕 ㅋㅋ")
    for text in ("바.보야", "ㅂㅏㅂㅗ"):
        await hold(sender, room, text)
    quoted = await world.service.records.quotable(sender.who, room.id, first.id)
    assert isinstance(await world.service.post(sender.who, room.id, "바보", None, quoted), HeldAnswer)
    [_, _, flag] = desk.flags
    assert (flag.why, flag.word, flag.re and (flag.re.id, flag.re.chat)) == ("word", "바보", (first.id, None))
    await world.service.whisper(sender.who, room.id, other.who.user, "바보", None)
    assert not_held(await world.service.post(desk.who, room.id, "바보", None)).role == "teacher"
    await world.service.desk.announce(desk.who, room.id, "바보")
    assert await world.service.desk.words(desk.who, []) == 0
    await sender.say(room, "바보")
    assert [one["chat"] for one in other.events("chat")] == ["안녕 ㅋㅋ", "바보", "바보", "바보"]


async def test_an_edit_that_would_be_held_is_refused(world: World) -> None:
    room, [sender, other] = await people(world)
    desk = await listed(world, "바보")
    line = await sender.say(room, "안녕")

    async def edit(who: Visitor, record: Record, chat: str) -> int:
        change = world.service.records.edit(who, room.id, record.id, chat)
        await world.pass_time(0.5)
        return await change

    whisper = not_held(await world.service.whisper(sender.who, room.id, other.who.user, "쉿", None))
    assert await refused(lambda: edit(sender.who, line, "바 보")) is Held
    await edit(sender.who, whisper, "바보")
    await edit(sender.who, line, "안녕히")
    await world.service.desk.approve(desk.who, room.id, True)
    assert await refused(lambda: edit(sender.who, line, "안녕")) is Held
    mine = not_held(await world.service.post(desk.who, room.id, "나", None))
    await edit(desk.who, mine, "바보")


async def test_a_reply_is_kept_only_while_what_it_quotes_is_there(world: World) -> None:
    room, sender, other, desk = await approving(world)
    line = not_held(await world.service.post(desk.who, room.id, "질문", None))
    for _ in range(2):
        quoted = await world.service.records.quotable(sender.who, room.id, line.id)
        await world.service.post(sender.who, room.id, "답", None, quoted)
    await desk.show(desk.flags[0])
    await world.service.records.delete(desk.who, room.id, line.id)
    await desk.show(desk.flags[1])
    assert ["re" in one for one in other.events("chat")] == [False, True, False]


async def test_only_so_much_may_wait(world: World) -> None:
    room, sender, other, desk = await approving(world)
    for number in range(HELD_EACH):
        await hold(sender, room, str(number))
    assert await refused(lambda: sender.say(room, "too much")) is TooFast
    assert await refused(lambda: world.upload(sender.who, room, GIF)) is TooFast
    assert world.files() == []
    await hold(other, room, "mine")
    await desk.drop(desk.flags[0])
    await hold(sender, room, "again")
    assert len(desk.flags) == HELD_EACH + 2 < HELD_IN_ROOM


@pytest.mark.parametrize("how", ["kick", "ban"])
async def test_who_is_put_out_says_nothing_more(world: World, how: str) -> None:
    room, sender, other, desk = await approving(world)
    await hold(other, room, "안녕")
    await hold(sender, room, "나도")
    held = desk.flags[0].held
    late = world.service.post(other.who, room.id, "아직", None)
    if how == "kick":
        await world.service.owner.kick(sender.who, room.id, other.who.user)
    else:
        await world.service.desk.ban(desk.who, other.who.user)
    await world.settle()
    assert held in desk.decided
    assert await refused(lambda: desk.show(desk.flags[0])) is NotFound
    assert {flag.user for flag in flags(world)} == {sender.who.user}
    assert late.done()


@sqlite
async def test_an_image_that_is_not_held_after_all_leaves_its_other_uses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is sent again under the same nonce; the disk fails; its sender is put out while it is stored."""
    room, sender, other, desk = await approving(world)
    await world.upload(sender.who, room, GIF, "n1")
    [name] = [flag.gif or "" for flag in desk.flags]
    ask, hold_row = world.service.gallery.post_again, world.stores.desk.hold
    again = [ask(sender.who, room.id, name, None, "n1") for _ in range(2)]
    assert await asyncio.gather(*again) == [HeldAnswer(desk.flags[0].held)] * 2

    async def fail(row: HeldRow) -> None:
        raise Storage

    async def hold_and_kick(row: HeldRow) -> None:
        await hold_row(row)
        await world.service.owner.kick(sender.who, room.id, other.who.user)

    for hold_it, error in ((fail, Storage), (hold_and_kick, Kicked)):
        monkeypatch.setattr(world.stores.desk, "hold", hold_it)
        assert await refused(lambda: ask(other.who, room.id, name, None, None)) is error
        await world.assert_consistent()
    assert name in world.files()
    await desk.drop(desk.flags[0])
    await world.assert_consistent()
    assert world.files() == []
    assert len(desk.flags) == 1


async def test_what_is_held_goes_with_its_room_and_can_be_shown_without_its_sender(world: World) -> None:
    room, sender, other, desk = await approving(world)
    await hold(other, room, "내가 없어도")
    other.leave(room)
    await desk.show(desk.flags[0])
    assert [one["chat"] for one in sender.events("chat")] == ["내가 없어도"]
    await hold(sender, room, "끝")
    await world.service.owner.delete(sender.who, room.id)
    assert flags(world) == []
    assert desk.decided == [flag.held for flag in desk.flags]
    assert await refused(lambda: desk.show(desk.flags[1])) is NotFound
    assert await world.stored("chats") == 0


async def test_a_full_disk_decides_nothing(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    room, sender, _, desk = await approving(world)
    await hold(sender, room, "안녕")
    await world.kept.refuse(True)
    with pytest.raises(Storage):
        await sender.say(room, "또", "n1")
    for act in (desk.show, desk.drop):
        with pytest.raises(Storage):
            await act(desk.flags[0])
    await world.kept.refuse(False)
    assert [flag.held for flag in flags(world)] == [desk.flags[0].held]
    await hold(sender, room, "또", "n1")
    await desk.show(desk.flags[0])
    assert len(sender.events("chat")) == 1
