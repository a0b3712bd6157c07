"""Taking a conversation home over HTTP: who may, as what it arrives, and what of it when it breaks off."""

import json
from collections.abc import AsyncIterator

import pytest

from handlers.export import data
from handlers.export.download import PIECE_BYTES
from realtime.errors import NoSuchRoom, NotAllowed
from tests.client import GIF_PART, Site, StartSite, site, start_site
from tests.conftest import ExpectLog
from tests.test_teachers import teacher
from tests.world import World, world

__all__ = ["site", "start_site", "world"]


async def test_the_files_are_downloads_for_the_owner_alone(site: Site) -> None:
    owner, guest = site.browser(), site.program()
    room = await owner.new_room("과학")
    await guest.get(f"/room/{room}")
    await owner.upload(f"/room/{room}/gif", GIF_PART)
    saved = await owner.get(f"/room/{room}/export.html?names=colours")
    assert saved.status == 200
    assert saved.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (
        saved.headers["Content-Disposition"]
        == "attachment; filename=\"gifchat.html\"; filename*=UTF-8''%EA%B3%BC%ED%95%99.html"
    )
    assert saved.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert saved.headers["Cache-Control"] == "no-store"
    assert saved.text.endswith("</html>\n")
    lines = (await owner.get(f"/room/{room}/export.jsonl")).text.splitlines()
    assert "end" in json.loads(lines[-1])
    form = (await owner.get(f"/room/{room}/export")).text
    assert f'action="/room/{room}/export.html"' in form and f'href="/room/{room}/export.jsonl"' in form
    assert (await guest.get(f"/room/{room}/export")).refusal == (403, "not_owner")
    for kind in ("html", "jsonl"):
        assert (await guest.get(f"/room/{room}/export.{kind}")).refusal == (403, "not_owner")
        assert (await guest.get(f"/room/{'0' * 24}/export.{kind}")).refusal == (404, "no_such_room")
        head = await owner.ask("HEAD", f"/room/{room}/export.{kind}")
        assert (head.status, head.body) == (200, b"")
        assert (await owner.get(f"/room/{room}/export.{kind}?names=x")).status == 400
    assert (await owner.get(f"/room/{room}/export.jsonl?names=numbers")).status == 400


@pytest.mark.parametrize("error", [NoSuchRoom(), RuntimeError("a bug")])
async def test_a_file_that_breaks_off_does_not_look_complete(
    site: Site, error: Exception, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    """The connection ends without the last chunk: a browser says that the download failed."""

    async def broken(*_: object) -> AsyncIterator[bytes]:
        yield b"x" * PIECE_BYTES
        yield b"x"
        raise error

    monkeypatch.setattr(data, "write", broken)
    if isinstance(error, RuntimeError):
        expect_log("gifchat.http", "export.jsonl")
    owner = site.browser()
    room = await owner.new_room()
    request = f"GET /room/{room}/export.jsonl HTTP/1.1\r\nHost: here\r\nCookie: {owner.identity}\r\n\r\n"
    reader, writer = await site.raw(request.encode())
    answer = await reader.read(-1)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert not answer.endswith(b"0\r\n\r\n")


async def test_the_teacher_takes_home_a_room_with_a_password_only_while_seen_in_it(world: World) -> None:
    """Otherwise pupils were read in secret. Of the teacher's own room that need not be."""
    owner, teaching = await world.peer(), await teacher(world)
    room, own = await world.room(owner.who, password="x"), await world.room(teaching.who, password="x")
    exports = world.service.exports
    await owner.join(room, password="x")
    for save in (exports.of_teacher, exports.of_owner):
        with pytest.raises(NotAllowed):
            save(teaching.who, room.id, names=True)
        save(teaching.who, own.id, names=True)
    await teaching.join(room)
    assert exports.of_teacher(teaching.who, room.id, names=True).room.id == room.id
    exports.of_owner(teaching.who, room.id, names=True)


async def test_the_teacher_takes_home_any_room(start_site: StartSite) -> None:
    site = await start_site("--desk-token", "chalk")
    owner, teacher, pupil = site.browser(), site.program(), site.program()
    room = await owner.new_room("방")
    await owner.post(f"/room/{room}/chat", {"chat": "안녕"})
    await teacher.get("/desk?token=chalk")
    assert f'action="/desk/export/{room}.html"' in (await teacher.get(f"/desk/export/{room}")).text
    for kind in ("html", "jsonl"):
        saved = await teacher.get(f"/desk/export/{room}.{kind}")
        assert saved.status == 200 and "안녕" in saved.text
        assert (await teacher.get(f"/desk/export/{'0' * 24}.{kind}")).refusal == (404, "no_such_room")
        assert (await pupil.get(f"/desk/export/{room}.{kind}")).refusal == (403, "not_teacher")
