"""Held messages and the word list over the wire: to the desks, to their sender, and to nobody else."""

import inspect
from pathlib import Path
from typing import cast
from urllib.parse import quote

import msgspec
import pytest

from realtime.chat.desk.events import BOUNDS
from realtime.chat.desk.filter import WordFile, read_words
from realtime.chat.desk.flags import ALLOWANCE
from realtime.chat.desk.waiting import HELD_EACH, HELD_IN_ROOM
from realtime.chat.desk.words import MAX_WORDS
from realtime.errors import BadRequest, StartError, TooFast
from realtime.hub import Later
from realtime.socketio.packet import Event
from tests.classroom import people, refused, teacher
from tests.client import StartSite, start_site
from tests.desk import open_desk
from tests.holding import Judge, approving, flags, hold
from tests.world import World, not_held, world

__all__ = ["start_site", "world"]

JSON = {"Accept": "application/json"}


async def test_every_desk_is_told_what_waits_and_the_first_to_decide_decides(world: World) -> None:
    room, [sender, other] = await people(world)
    await world.service.desk.approve(await teacher(world), room.id, True)
    await hold(sender, room, "먼저")
    desks = [await open_desk(world), await open_desk(world)]
    assert [event for event, _ in desks[0].heard] == ["settings", "rooms", "flag"]
    await hold(sender, room, "나중")
    for desk in desks:
        assert [flag["chat"] for flag in desk.events("flag")] == ["먼저", "나중"]
        assert all("nonce" not in flag for flag in desk.events("flag"))
    first, second = (cast(str, flag["held"]) for flag in desks[0].events("flag"))
    shown = await desks[0].act("show", room=room.id, held=first)
    assert (shown["ok"], shown["_id"]) == (True, other.events("chat")[-1]["_id"])
    assert (await desks[1].act("drop", room=room.id, held=first))["error"] == "not_found"
    assert (await desks[1].act("drop", room=room.id, held=second)) == {"ok": True}
    assert desks[0].events("unflag") == [{"held": first}, {"held": second}]
    await world.pass_time(1)
    assert desks[0].events("room")[-1]["held"] == 0
    assert {entry["did"] for entry in desks[1].events("log")} == {"show", "drop"}
    assert "먼저" not in str(desks[1].events("log"))
    assert not any("flag" in name or name == "held" for name, _ in other.heard)


async def test_a_flood_of_flags_closes_no_desk(world: World) -> None:
    room, peers = await people(world, 31, max=50)
    await world.service.desk.approve(await teacher(world), room.id, True)
    early = await open_desk(world)
    for number in range(HELD_EACH):
        for peer in peers[: HELD_IN_ROOM // HELD_EACH]:
            await hold(peer, room, f"{number} {'가' * 1990}")
    late = await open_desk(world)
    for desk in (early, late):
        assert 100_000 < sum(3 * len(str(flag["chat"])) for flag in desk.events("flag")) <= ALLOWANCE.burst + 6000
    assert await refused(lambda: peers[-1].say(room, "too much")) is TooFast
    decided = flags(world)[-1]
    await early.act("drop", room=room.id, held=decided.held)
    for _ in range(60):
        await world.pass_time(1)
    for desk in (early, late):
        told = [flag["held"] for flag in desk.events("flag")]
        assert told == [flag.held for flag in flags(world)]
        assert decided.held not in told


async def test_the_list_is_read_and_replaced_at_the_desk(world: World) -> None:
    desk, other = await open_desk(world), await open_desk(world)
    words = [f"낱말{number}" for number in range(500)]
    assert await desk.act("words", words=words) == {"ok": True, "words": 500}
    assert other.events("settings")[-1]["words"] == 500
    assert await other.act("words") == {"ok": True, "words": words}
    for wrong in (["a" * 101], [1], "바보"):
        assert (await desk.act("words", words=wrong))["error"] == "bad_request"
    assert await desk.act("words", words=["바보"]) == {"ok": True, "words": 1}
    assert BOUNDS.values > MAX_WORDS
    room, [sender, _] = await people(world)
    assert (await desk.act("approve", room=room.id, on=True)) == {"ok": True}
    await hold(sender, room, "안녕")


async def test_the_ack_over_a_socket_tells_that_it_is_held(world: World) -> None:
    room, sender, _, desk = await approving(world)
    line = not_held(await world.service.post(desk.who, room.id, "질문", None))
    handle = world.hub.of("/chat").handlers["chat"]
    for more in ({}, {"re": line.id}):
        answer = handle(sender.socket, Event("/chat", "chat", ({"room": room.id, "chat": "답", **more},), 7))
        if isinstance(answer, Later):
            await answer.result
            acks = answer.answer(answer.result)
        else:
            assert inspect.iscoroutine(answer)
            acks = await answer
        (ack,) = acks or ()
        assert msgspec.to_builtins(ack) == {"ok": True, "held": True, "id": desk.flags[-1].held}
    assert len(desk.flags) == 2


async def test_over_http_a_held_message_is_a_success_and_nowhere_to_be_read(
    start_site: StartSite, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("바보\n", "utf-8")
    browser = (await start_site("--word-list", str(tmp_path / "words.txt"))).browser()
    room = await browser.new_room()
    answer = await browser.post(f"/room/{room}/chat", {"chat": "바.보"})
    assert (answer.status, answer.body) == (200, b"ok")
    for path, more in (("chat", {"chat": "이 바보"}), ("gif", {"name": "angry.gif", "chat": "바보"})):
        told = await browser.ask("POST", f"/room/{room}/{path}", headers=JSON, json_body=more)
        assert (told.status, set(told.json), told.json["held"]) == (200, {"held", "id"}, True)
    assert await browser.chats(room) == []
    found = await browser.ask("GET", f"/room/{room}/search?q={quote('보')}", headers=JSON)
    assert found.json["chats"] == []
    page = await browser.get(f"/room/{room}")
    saved = await browser.get(f"/room/{room}/export.jsonl")
    assert saved.status == page.status == 200
    assert "바" not in saved.body.decode()


# --- the word list


async def test_the_list_of_the_desk_survives_a_restart_until_its_file_changes(world: World) -> None:
    desk = Judge(world, await teacher(world))
    first, second = WordFile(["바보"], "1"), WordFile(["멍청이"], "2")
    await world.service.filter.load(first)
    assert world.service.filter.words == ["바보"]
    await world.service.desk.words(desk.who, ["존나"])
    for file, words in ((None, ["존나"]), (first, ["존나"]), (second, ["멍청이"]), (None, ["멍청이"])):
        await world.restart()
        await world.service.filter.load(file)
        assert world.service.filter.words == words
    assert await refused(lambda: world.service.filter.change(["a" * 101])) is BadRequest


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("바보\n멍청이\n".encode(), ["바보", "멍청이"]),
        ("\ufeff바보\r\n\r\n# 설명\r\n멍청이".encode(), ["바보", "멍청이"]),
        (b"", []),
        ("바보\n멍청이".encode("euc-kr"), "line 1: this is not UTF-8"),
        (b"a\nb\n\xff", "line 3: this is not UTF-8"),
        (b"a" * 101, "line 1 has more than 100 characters"),
    ],
)
def test_a_file_of_words_is_read_or_refused_in_one_line(tmp_path: Path, data: bytes, words: list[str] | str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    if isinstance(words, list):
        assert read_words(path).words == words
    else:
        with pytest.raises(StartError, match=words):
            read_words(path)
