"""Names that visitors give themselves: first which are valid and equal, then where they are shown."""

import asyncio
import unicodedata
from collections.abc import Mapping
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.chat.model import RoomView
from realtime.chat.names import NAME_LENGTH, Name, RoomNames, check_name, key_of
from realtime.chat.policy import Limits
from realtime.errors import DomainError, InvalidName, NameTaken, Storage, TooFast
from tests.conftest import ExpectLog
from tests.test_events import send
from tests.world import Peer, World, not_held, world

__all__ = ["world"]

NFD = unicodedata.normalize("NFD", "가나다라마바사아자차카타파하거너더러머버")

VALID: Mapping[str, str] = {
    "민아": "민아",
    "  Mina \n": "Mina",
    "\u200bMina\ufeff": "Mina",
    "Mina Kim": "Mina Kim",
    "김 \u3000민아": "김 \u3000민아",
    "é": "é",
    "e\u0301": "é",
    NFD: unicodedata.normalize("NFC", NFD),
    "x" * 20: "x" * 20,
    "🐳" * 20: "🐳" * 20,
    "👍🏽": "👍🏽",
    "ｍｉｎａ": "ｍｉｎａ",
    "مريم": "مريم",
    "ก็": "ก็",
    "<b>{user}</b>": "<b>{user}</b>",
    "\ud800": "\ufffd",
}

INVALID = {
    "empty": "",
    "only spaces": " \u3000\u2003",
    "21 characters": "x" * 21,
    "21 after NFC": "\u0958" * 11,
    "very long": "x" * 60_000,
    "a long run of marks": "e" + "\u0301" * 2000,
    "ZWJ": "👩\u200d🏫",
    "ZWNJ": "mi\u200cna",
    "a zero-width space": "mi\u200bna",
    "a variation selector": "\u2764\ufe0f",
    "a tag": "🏴\U000e0067\U000e007f",
    "right-to-left override": "anim\u202e",
    "an isolate": "\u2066Mina\u2069",
    "left-to-right mark": "Mi\u200ena",
    "Arabic letter mark": "Mi\u061cna",
    "a soft hyphen": "Mi\u00adna",
    "a grapheme joiner": "Mi\u034fna",
    "a control character": "Mi\x07na",
    "NUL": "Mi\0na",
    "a C1 control": "Mi\x85na",
    "a line feed": "Mi\nna",
    "a tab": "Mi\tna",
    "a line separator": "Mi\u2028na",
    "a Hangul filler": "ㅤ",
    "a halfwidth filler": "Mina\uffa0",
    "a Jamo filler": "\u115f\u1161",
    "an empty braille cell": "\u2800",
    "an annotation": "Mi\ufff9na",
    "only marks": "\u0301\u0302",
    "a mark first": "\u0301Mina",
}

EQUAL = [
    ("Mina", "mina"),
    ("Mina", "MINA"),
    ("ｍｉｎａ", "Mina"),
    ("Ⅳ", "iv"),
    ("Straße", "STRASSE"),
    ("ﬁn", "FIN"),
    ("é", "É"),
    ("한글", unicodedata.normalize("NFD", "한글")),
    ("Mina Kim", "Mina\u3000Kim"),
    ("Mina Kim", "mina   kim"),
]


@pytest.mark.parametrize(("given_name", "shown"), VALID.items())
def test_a_valid_name_is_trimmed_and_composed(given_name: str, shown: str) -> None:
    assert check_name(given_name).text == shown


@pytest.mark.parametrize("name", INVALID.values(), ids=INVALID)
def test_a_name_that_cannot_be_seen_or_disturbs_what_is_around_it_is_invalid(name: str) -> None:
    with pytest.raises(InvalidName):
        check_name(name)


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_names_that_look_alike_are_equal(one: str, other: str) -> None:
    assert check_name(one).key == check_name(other).key


@pytest.mark.parametrize("name", ["teacher", "Teacher", "ＳＹＳＴＥＭ", "선생님", "교사", "시스템", "관리자"])
def test_no_name_is_a_word_for_the_teacher_or_the_system(name: str) -> None:
    with pytest.raises(NameTaken):
        check_name(name)


@given(st.text(max_size=30))
def test_a_valid_name_stays_as_it_is(text: str) -> None:
    """What a database returns, and what somebody sends who was told their name, is the same name again."""
    try:
        name = check_name(text)
    except DomainError:
        return
    assert 1 <= len(name.text) <= NAME_LENGTH
    assert check_name(name.text) == name == Name(name.text, key_of(name.text))


MINA, MINA_TOO, JUN = check_name("Mina"), check_name("MINA"), check_name("Jun")


def test_a_room_shows_each_name_once() -> None:
    names = RoomNames()
    assert names.enter(1, MINA)
    assert not names.enter(2, MINA_TOO)
    assert names.enter(3, JUN)
    assert names.all() == {1: "Mina", 3: "Jun"}
    assert [names.shown(who, name) for who, name in ((1, MINA), (2, MINA_TOO), (4, MINA), (4, None), (5, None))] == [
        "Mina",
        *[None] * 4,
    ]
    assert [who for who in (1, 2, 9) if names.is_taken(MINA, who)] == [2, 9] and not names.is_taken(JUN, 3)


def test_who_goes_without_a_name_does_so_until_they_come_again() -> None:
    names = RoomNames()
    names.enter(1, MINA)
    names.enter(2, MINA_TOO)
    names.leave(1)
    assert names.all() == {}
    assert names.shown(2, MINA_TOO) is None
    assert names.enter(2, MINA_TOO)
    assert names.all() == {2: "MINA"}
    names.leave(2)
    names.leave(2)
    assert names.shown(1, MINA) == "Mina"


# --- where they are shown


async def name(peer: Peer, text: str | None) -> str | None:
    return await peer.world.service.naming.name(peer.who, text)


async def refused(peer: Peer, text: str) -> str:
    with pytest.raises(DomainError) as refusal:
        await name(peer, text)
    return refusal.value.code


async def ask(peer: Peer, argument: object) -> dict[str, object]:
    """Return the answer to a `name` event."""
    (answer,) = await send(peer, "name", argument) or ()
    return cast("dict[str, object]", msgspec.to_builtins(answer))


async def people(world: World, count: int = 3) -> tuple[RoomView, list[Peer]]:
    """Return a room, and who has joined it."""
    peers = [await world.peer() for _ in range(count)]
    room = await world.room(peers[0].who)
    for peer in peers:
        await peer.join(room)
    return room, peers


@pytest.mark.sqlite
async def test_a_name_is_told_to_each_room_and_stored_with_what_is_said(world: World) -> None:
    room, (mina, other, _) = await people(world)
    second = await world.room(mina.who)
    await mina.join(second)
    before = await mina.say(room, "before")
    assert await name(mina, " Mina ") == "Mina"
    said = await mina.say(room, "hello")
    answer = await other.post(room, "hi", re=said)
    await name(mina, "Minji")
    assert await name(mina, None) is None
    await mina.say(room, "after")

    [line, _, gone] = other.events("name")
    assert (line["event"], line["subject"], line["user"], line["name"]) == ("name", mina.who.user, "system", "Mina")
    assert line["chat"] == f"{mina.who.user}님이 이름을 정하셨습니다: Mina"
    assert "name" not in gone and gone["chat"] == f"{mina.who.user}님이 이름을 지우셨습니다."
    assert [one["room"] for one in mina.events("name")] == [room.id, second.id] * 3
    assert before.name is None and said.name == "Mina" and answer.name is None
    assert answer.re is not None and answer.re.name == "Mina"

    await world.restart()
    again = await world.peer(other.who)
    missed = (await again.join(room, after=before.seq)).missed
    names = [(record.event or record.chat, record.name) for record in missed]
    assert names == [
        ("name", "Mina"),
        ("hello", "Mina"),
        ("hi", None),
        ("name", "Minji"),
        ("name", None),
        ("after", None),
    ]
    assert missed[2].re == answer.re
    [found], _ = await world.service.history.search(other.who, room.id, "hello", None, 5)
    assert found.name == "Mina"


@pytest.mark.sqlite
async def test_a_name_outlasts_a_restart(world: World) -> None:
    room, (mina, other, third) = await people(world)
    await name(mina, "Mina")
    assert (await other.join(room)).names == {mina.who.user: "Mina"}
    await world.restart()
    other, third = await world.peer(other.who), await world.peer(third.who)
    assert (await other.join(room)).names == {mina.who.user: "Mina"}
    assert await refused(other, "mina") == "name_taken"
    await name(third, "Jun")
    await world.peer(mina.who)
    assert not_held(await world.service.post(mina.who, room.id, "hi", None)).name == "Mina"


async def test_others_learn_a_name_when_its_owner_comes_and_goes(world: World) -> None:
    room, (other, _) = await people(world, 2)
    mina = await world.peer()
    await name(mina, "Mina")
    answer = await mina.join(room)
    assert answer.names == {mina.who.user: "Mina"}
    mina.leave(room)
    await world.settle()
    assert [line["name"] for event in ("join", "exit") for line in other.events(event)[-1:]] == ["Mina", "Mina"]
    assert (await other.join(room)).names == {}
    assert await name(other, "MINA") == "MINA"


async def test_a_taken_name_is_refused(world: World) -> None:
    _, (mina, other, _) = await people(world)
    await name(mina, "Mina")
    for text in ("Mina", "mina", "ＭＩＮＡ", "teacher", "선생님"):
        assert await refused(other, text) == "name_taken", text
    assert await refused(other, "mi\u202ena") == "invalid_name"
    assert await name(mina, "mina") == "mina"
    assert other.events("name")[-1]["name"] == "mina"
    elsewhere = await world.peer()
    assert await name(elsewhere, "Mina") == "Mina"


async def test_of_two_who_want_the_same_name_at_once_one_gets_it(world: World) -> None:
    room, (first, second, third) = await people(world)
    answers = await asyncio.gather(name(first, "Mina"), name(second, "mina"), return_exceptions=True)
    assert answers[0] == "Mina" and isinstance(answers[1], NameTaken)
    assert (await third.join(room)).names == {first.who.user: "Mina"}


async def test_who_enters_where_their_name_is_taken_goes_without_one_there(world: World) -> None:
    room, (mina, other) = await people(world, 2)
    second = await world.room()
    await name(mina, "Mina")
    late = await world.peer()
    await late.join(second)
    await name(late, "MINA")
    answer = await late.join(room)
    assert answer.names == {mina.who.user: "Mina"}
    assert "name" not in other.events("join")[-1]
    assert (await late.say(room, "who am I")).name is None
    assert (await late.say(second, "I am")).name == "MINA"

    mina.leave(room)
    await world.settle()
    assert (await late.say(room, "still nobody")).name is None
    assert await name(late, "MINA") == "MINA"
    assert other.events("name")[-1]["subject"] == late.who.user
    assert (await late.say(room, "at last")).name == "MINA"
    assert len(late.events("name")) == 2, "nothing has changed in the other room"


async def test_who_comes_back_has_their_name_again_whoever_else_would_have_it(world: World) -> None:
    room, (mina, _) = await people(world, 2)
    await name(mina, "Mina")
    late = await world.peer()
    await name(late, "MINA")
    await late.join(room)
    mina.leave(room)
    await world.settle()
    assert (await mina.join(room)).names == {mina.who.user: "Mina"}
    with pytest.raises(NameTaken):
        await name(late, "MINA")
    assert await name(mina, "Mina") == "Mina"


async def test_who_comes_in_while_another_takes_their_name_keeps_it(world: World) -> None:
    room, (first, _) = await people(world, 2)
    await name(first, "Lee")
    late = await world.peer()
    await name(late, "Kim")
    naming = asyncio.ensure_future(name(first, "kim"))
    await asyncio.sleep(0)  # it is being stored
    joining = asyncio.ensure_future(late.join(room))
    answers = await asyncio.gather(naming, joining, return_exceptions=True)
    names = (await first.join(room)).names
    assert len({key_of(one) for one in names.values()}) == len(names)
    if isinstance(answers[0], NameTaken):
        assert names == {first.who.user: "Lee", late.who.user: "Kim"}
    else:
        assert names == {first.who.user: "kim"}


async def test_nobody_posts_under_the_name_of_somebody_inside(world: World) -> None:
    room, (mina, _) = await people(world, 2)
    await name(mina, "Mina")
    outside = await world.peer()
    await name(outside, "mina")
    await world.service.admit(outside.who, "10.0.0.9", room.id, None)
    assert (await outside.say(room, "I am not inside")).name is None
    mina.leave(room)
    await world.settle()
    assert (await outside.say(room, "now it is free")).name == "mina"


async def test_a_whisper_carries_its_senders_name(world: World) -> None:
    room, (mina, other, _) = await people(world)
    await name(mina, "Mina")
    await world.service.whisper(mina.who, room.id, other.who.user, "psst", None)
    assert other.events("whisper")[-1]["name"] == "Mina"


async def test_a_name_that_does_not_change_is_told_to_nobody(world: World) -> None:
    _, (mina, other, _) = await people(world)
    await name(mina, "Mina")
    await name(mina, "Mina")
    await name(other, None)
    assert len(other.events("name")) == 1


@pytest.mark.sqlite
async def test_an_ephemeral_room_has_names_only_in_memory(world: World) -> None:
    peers = [await world.peer() for _ in range(2)]
    room = await world.room(peers[0].who, ephemeral=True)
    await name(peers[0], "Mina")
    for peer in peers:
        await peer.join(room)
    assert (await peers[0].say(room, "hi")).name == "Mina"
    await name(peers[0], "Minji")
    await world.settle()
    [line] = peers[1].events("name")
    assert line["name"] == "Minji" and line["event"] == "name"
    peers[0].leave(room)
    await world.settle()
    assert peers[1].events("exit")[-1]["name"] == "Minji"
    assert await world.stored("chats") == 0


async def test_a_name_that_could_not_be_stored_is_not_given(world: World, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "storage: ")
    room, (mina, other, _) = await people(world)
    await world.kept.refuse(True)
    with pytest.raises(Storage):
        await name(mina, "Mina")
    await world.kept.refuse(False)
    assert (await mina.say(room, "hi")).name is None
    assert await name(other, "Mina") == "Mina"


async def test_names_are_rate_limited(world: World) -> None:
    limited = World(world.folder, Limits())
    await limited.start()
    peer = await limited.peer()
    for number in range(10):
        await name(peer, f"Mina {number}")
    with pytest.raises(TooFast):
        await name(peer, "Mina")
    assert await refused(peer, "\u200b") == "invalid_name"
    await limited.stop()


async def test_the_event_answers_with_the_name(world: World) -> None:
    _, (mina, _) = await people(world, 2)
    assert await ask(mina, {"name": "Mina "}) == {"ok": True, "name": "Mina"}
    assert await ask(mina, {"name": None}) == {"ok": True, "name": None}
    assert await ask(mina, {"name": "Mina"}) == {"ok": True, "name": "Mina"}
    assert await ask(mina, None) == {"ok": True, "name": None}
    for argument in ({}, "Mina", {"name": 3}, ["Mina"]):
        assert (await ask(mina, argument))["error"] == "bad_request", argument
    assert (await ask(mina, {"name": ""}))["error"] == "invalid_name"


async def test_a_newcomer_is_stored_when_they_name_themselves(world: World) -> None:
    who, _ = world.visitors.identify(None)
    peer = await world.peer(who)
    assert await ask(peer, {"name": "Mina"}) == {"ok": True, "name": "Mina"}
    await world.restart()
    known = world.visitors.by_user(who.user)
    assert known is not None and world.visitors.name_of(known.id) == MINA
