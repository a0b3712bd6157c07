"""Posting messages over HTTP."""

import asyncio

import pytest

from tests.client import Site, StartSite, site, start_site

__all__ = ["site", "start_site"]

JSON = {"Accept": "application/json"}


async def test_a_chat_is_stored_trimmed(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    said = await browser.post(f"/room/{room}/chat", {"chat": "  안녕\n하세요  "})
    assert (said.status, said.body, said.headers["Content-Type"]) == (200, b"ok", "text/plain; charset=utf-8")
    answer = await browser.ask("POST", f"/room/{room}/chat", headers=JSON, json_body={"chat": "<b>👍</b>"})
    assert answer.status == 200
    records = await browser.chats(room)
    assert [record["chat"] for record in records] == ["안녕\n하세요", "<b>👍</b>"]
    assert answer.json == records[1]
    assert (answer.json["room"], len(str(answer.json["_id"]))) == (room, 24)


async def test_a_multipart_form_can_post_a_chat(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    assert (await browser.upload(f"/room/{room}/chat", ("chat", "안녕".encode(), None))).status == 200
    assert [record["chat"] for record in await browser.chats(room)] == ["안녕"]


@pytest.mark.parametrize("chat", ["", "   ", "\r\n\t", "\u3000"])
async def test_an_empty_chat_is_refused(site: Site, chat: str) -> None:
    program = site.program()
    room = await program.new_room()
    assert (await program.post(f"/room/{room}/chat", {"chat": chat})).refusal == (400, "empty_chat")
    assert (await program.post(f"/room/{room}/chat")).refusal == (400, "empty_chat")
    assert await program.chats(room) == []


@pytest.mark.parametrize("character", ["x", "가", "👍"])
async def test_a_chat_has_at_most_2000_characters(site: Site, character: str) -> None:
    program = site.program()
    room = await program.new_room()
    assert (await program.post(f"/room/{room}/chat", {"chat": character * 2000})).status == 200
    assert (await program.post(f"/room/{room}/chat", json_body={"chat": character * 2000})).status == 200
    assert (await program.post(f"/room/{room}/chat", {"chat": character * 2001})).refusal == (413, "chat_too_long")
    assert (await program.post(f"/room/{room}/chat", {"chat": "x" * 1024 * 1024})).refusal == (413, "chat_too_long")
    assert len(await program.chats(room)) == 2


@pytest.mark.parametrize("chat", [5, None, ["x"], "\0\u3164\u200b"])
async def test_a_chat_that_is_not_text_is_refused(site: Site, chat: object) -> None:
    program = site.program()
    room = await program.new_room()
    assert (await program.post(f"/room/{room}/chat", json_body={"chat": chat})).status == 400
    assert await program.chats(room) == []


async def test_only_admitted_visitors_can_post(site: Site) -> None:
    room = await site.browser().new_room()
    guest = site.program()
    assert (await guest.post(f"/room/{room}/chat", {"chat": "안녕"})).refusal == (403, "not_admitted")
    page = await site.browser().post(f"/room/{room}/chat", {"chat": "안녕"})
    assert (page.status, "error-message" in page.text) == (403, True)
    assert (await guest.get(f"/room/{room}")).status == 200
    assert (await guest.post(f"/room/{room}/chat", {"chat": "안녕"})).status == 200
    assert (await guest.post(f"/room/{'0' * 24}/chat", {"chat": "안녕"})).refusal == (404, "no_such_room")


async def test_a_repeated_nonce_is_the_same_message(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    message = {"chat": "한 번", "nonce": "n-1_A"}
    answers = await asyncio.gather(*(program.post(f"/room/{room}/chat", json_body=message) for _ in range(5)))
    assert len({str(answer.json) for answer in answers}) == 1
    assert answers[0].json["nonce"] == "n-1_A"
    assert len(await program.chats(room)) == 1


@pytest.mark.parametrize("nonce", ["", "n" * 65, "a b", "ㄱ", "a\n", "../x"])
async def test_a_nonce_that_is_long_or_has_other_characters_is_refused(site: Site, nonce: str) -> None:
    program = site.program()
    room = await program.new_room()
    body = {"chat": "안녕", "nonce": nonce}
    assert (await program.post(f"/room/{room}/chat", json_body=body)).refusal == (400, "bad_request")
    assert await program.chats(room) == []


async def test_posting_is_throttled(start_site: StartSite) -> None:
    site = await start_site("--rate", "0.01")  # one too many may take a slow machine seconds
    program = site.program()
    room = await program.new_room()
    answers = [await program.post(f"/room/{room}/chat", {"chat": str(number)}) for number in range(2)]
    assert answers[0].status == 200
    assert answers[1].refusal == (429, "too_fast")
    assert 1 <= int(answers[1].headers["Retry-After"]) <= 100
