"""`python gifchat.py import FILE`: a conversation that was taken home becomes a room again, whole or not at all."""

import asyncio
import base64
import contextlib
import dataclasses
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from db import imported
from db.lock import only_server
from handlers.export import data
from importing import import_conversation
from options import Config, read_config
from realtime.chat.model import RoomView, Visitor
from realtime.chat.policy import Limits
from realtime.errors import NotAllowed, NotOwner, StartError
from tests.client import GIF
from tests.ports.implementations import SQLite
from tests.world import World

Json = dict[str, object]

ROOM = {
    "_id": "0" * 24,
    "title": "과학",
    "max": 40,
    "owner": "#aa0000",
    "password": True,
    "ephemeral": False,
    "kept": False,
    "members": 3,
    "createdAt": "2026-11-29T03:00:00.000Z",
}
OPENING = {"gifchat": 1, "room": ROOM, "savedAt": "2026-12-01T03:00:00.000Z"}
SAID = {
    "_id": "1" * 24,
    "seq": 7,
    "room": ROOM["_id"],
    "user": "#aa0000",
    "createdAt": "2026-11-29T03:00:01.000Z",
    "chat": "안녕",
}
NAME = "a" * 32 + ".gif"


def closing(records: int, images: int = 0) -> Json:
    return {"end": {"records": records, "images": images}}


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return read_config(["--data", str(tmp_path / "data")], {})


@pytest.fixture
def worlds(io_loop: IOLoop, tmp_path: Path) -> Iterator[dict[str, World]]:
    """Return where to put worlds that are to be stopped."""
    made: dict[str, World] = {}
    yield made
    for world in made.values():
        io_loop.run_sync(world.stop)


async def start(worlds: dict[str, World], folder: Path) -> World:
    folder.mkdir(exist_ok=True)
    worlds[folder.name] = world = World(folder, Limits(rate=0), SQLite)
    await world.start()
    return world


async def stop(worlds: dict[str, World], world: World) -> None:
    await worlds.pop(world.folder.name).stop()


async def taken_home(world: World, room: RoomView) -> bytes:
    async def lines() -> AsyncIterator[bytes]:
        conversation = world.service.exports.of_teacher(await world.visitor(), room.id, names=True)
        async for piece in data.write(conversation, world.stores.images.folder):
            yield piece

    return b"".join([piece async for piece in lines()])


def told(file: bytes) -> list[Json]:
    """Return what a file tells, without what differs between servers: numbers are counted from the first."""
    lines = [json.loads(line) for line in file.splitlines()]
    seqs = {line["seq"]: number for number, line in enumerate(line for line in lines if "seq" in line)}
    ids = {line["_id"]: number for number, line in enumerate(line for line in lines if "seq" in line)}
    names = {line["image"]: number for number, line in enumerate(line for line in lines if "image" in line)}
    same = []
    for line in lines[1:]:
        if "image" in line:
            line["image"] = names[line["image"]]
        if "seq" in line:
            line |= {"seq": seqs[line["seq"]], "_id": ids[line["_id"]], "room": "", "rev": "rev" in line}
            if "gif" in line:
                line |= {"gif": names[line["gif"]], "poster": "poster" in line}
            if "re" in line:
                line["re"] |= {"seq": seqs[line["re"]["seq"]], "_id": ids[line["re"]["_id"]]}
                if "gif" in line["re"]:
                    line["re"]["gif"] = names[line["re"]["gif"]]
        same.append(line)
    return same


async def test_what_was_taken_home_is_the_same_when_it_is_imported(
    worlds: dict[str, World], config: Config, tmp_path: Path
) -> None:
    """Texts, images, names, times, reactions, edits, deletions, replies and system lines; twice, without new files."""
    world = await start(worlds, tmp_path / "here")
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who, title="과학 시간", max=55)
    await owner.join(room)
    await guest.join(room)
    await world.visitors.rename(guest.who, None)
    said = await guest.say(room, "질문\n둘째 줄")
    await owner.post(room, "답", re=said)
    picture = await world.send_image(owner.who, room, GIF)
    await world.send_image(guest.who, room, GIF)
    gone = await guest.say(room, "지울 말")
    await owner.post(room, "지운 말에 대한 답", re=gone)
    await world.service.whisper(owner.who, room.id, guest.who.user, "비밀", None)
    for made in (
        world.service.records.react(owner.who, room.id, picture.id, "👍", on=True),
        world.service.records.edit(guest.who, room.id, said.id, "고친 질문"),
        world.service.records.delete(owner.who, room.id, gone.id),
    ):
        await world.pass_time(1)
        await made
    await world.pass_time(1)
    guest.leave(room)
    await world.settle()
    first = await taken_home(world, room)
    await stop(worlds, world)
    (tmp_path / "saved.jsonl").write_bytes(first)

    await import_conversation(config, tmp_path / "saved.jsonl")
    files = sorted((config.data / "uploads").iterdir())
    await import_conversation(config, tmp_path / "saved.jsonl")
    assert sorted((config.data / "uploads").iterdir()) == files
    there = await start(worlds, config.data)
    again, other = there.service.lobby()
    assert (again.title, again.max, again.kept, again.read_only) == ("과학 시간", 55, True, True)
    assert told(await taken_home(there, again)) == told(await taken_home(there, other)) == told(first)
    await there.assert_consistent()


async def test_an_imported_room_can_be_read_and_nothing_else(
    worlds: dict[str, World], config: Config, tmp_path: Path
) -> None:
    """Not even a line about who comes and goes is added, and it stays when everybody has left, and when it is old."""
    await import_conversation(
        config, written(tmp_path / "a.jsonl", OPENING, SAID, {"log": {"did": "freeze"}}, closing(1))
    )
    world = await start(worlds, config.data)
    [room] = world.service.lobby()
    reader = await world.peer()
    await reader.join(room)
    page = await world.service.history.page(reader.who, room.id, None, 50)
    [record] = page.chats
    assert (record.chat, record.user, record.created_at) == (SAID["chat"], SAID["user"], SAID["createdAt"])
    with pytest.raises(NotAllowed):
        await reader.say(room, "안녕")
    with pytest.raises(NotAllowed):
        await world.service.records.react(reader.who, room.id, record.id, "👍", on=True)
    with pytest.raises(NotAllowed):
        await world.send_image(reader.who, room, GIF)
    with pytest.raises(NotOwner):
        await world.service.owner.delete(reader.who, room.id)
    await world.service.expire(2**50)
    reader.leave(room)
    await world.pass_time(10_000)
    await world.restart()
    [room] = world.service.lobby()
    assert (room.members, room.owner) == (0, "#000000")
    page = await world.service.history.page(await reader_of(world, room), room.id, None, 50)
    assert [record.chat for record in page.chats] == [SAID["chat"]]


async def reader_of(world: World, room: RoomView) -> Visitor:
    peer = await world.peer()
    await peer.join(room)
    return peer.who


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "line 1: the file is cut: its last line is missing"),
        ([OPENING, SAID], "line 3: the file is cut: its last line is missing"),
        ([SAID, closing(1)], "line 1: the first line, and only that, must be the room's"),
        ([OPENING, OPENING, closing(0)], "line 2: the first line, and only that, must be the room's"),
        ([OPENING | {"gifchat": 2}, closing(0)], "line 1: this gifchat does not know this version of the format"),
        ([OPENING | {"room": ROOM | {"title": ""}}, closing(0)], "line 1: invalid room"),
        ([OPENING | {"room": "x"}, closing(0)], "line 1: Expected `object`, got `str` - at `$.room`"),
        ([OPENING, SAID, closing(2)], "line 3: the numbers of messages and images are not those of the file"),
        ([OPENING, closing(0), SAID], "line 3: there is something after the end"),
        ([OPENING, SAID, SAID, closing(2)], "line 3: the messages are not in order"),
        ([OPENING, "x"], "line 2: Expected `object`, got `str`"),
        ([OPENING, SAID | {"to": "#bb0000"}], "line 2: a whisper cannot be imported"),
        ([OPENING, SAID | {"user": "red"}], "line 2: this is no colour of a person"),
        ([OPENING, SAID | {"createdAt": "yesterday"}], "line 2: this is no time"),
        ([OPENING, SAID | {"createdAt": "2026-11-29T03:00:01"}], "line 2: this is no time"),
        ([OPENING, SAID | {"chat": "x" * 2001}], "line 2: chat too long"),
        ([OPENING, SAID | {"chat": "\u200b"}], "line 2: empty chat"),
        ([OPENING, SAID | {"name": "x" * 21}], "line 2: invalid name"),
        ([OPENING, SAID | {"role": "owner"}], "line 2: Invalid enum value 'owner' - at `$.role`"),
        ([OPENING, SAID | {"deleted": "owner"}], "line 2: a deleted message has no content"),
        ([OPENING, SAID | {"event": "join"}], "line 2: only the system has events"),
        ([OPENING, SAID | {"user": "system"}], "line 2: this is no colour of a person"),
        ([OPENING, SAID | {"reactions": {"x": {"count": 1, "users": ["#aa0000"]}}}], "line 2: bad request"),
        ([OPENING, SAID | {"reactions": {"👍": {"count": 10**9, "users": []}}}], "line 2: this is no reaction"),
        (
            [OPENING, SAID | {"reactions": {"👍": {"count": 1, "users": ["#aa0000"] * 2}}}],
            "line 2: this is no reaction",
        ),
        ([OPENING, {"image": "../x.gif", "data": ""}], "line 2: this is no name of an image"),
        ([OPENING, {"image": NAME, "data": "?"}], "line 2: the image is not in base64"),
        ([OPENING, {"image": NAME}], "line 2: Expected `str`, got `null`"),
        ([OPENING, {"image": NAME, "data": ""}], "line 2: the image is empty"),
    ],
)
async def test_a_wrong_line_is_told_by_its_number_and_nothing_is_imported(
    config: Config, tmp_path: Path, lines: list[object], problem: str
) -> None:
    file = written(tmp_path / "a.jsonl", *lines)
    with pytest.raises(StartError) as caught:
        await import_conversation(config, file)
    assert str(caught.value) == f"{file}, {problem}; nothing was imported"
    with contextlib.closing(sqlite3.connect(config.data / "gifchat.db")) as database:
        assert database.execute("SELECT count(*) FROM rooms").fetchone() == (0,)


async def test_bad_images_and_what_has_no_space_leave_nothing(
    worlds: dict[str, World], config: Config, tmp_path: Path
) -> None:
    image = {"image": NAME, "data": base64.b64encode(GIF).decode()}
    sent = {**SAID, "gif": NAME, "width": 1, "height": 1}
    cut = {"image": "b" * 32 + ".gif", "data": base64.b64encode(GIF[:-40]).decode()}
    small = dataclasses.replace(config, quota=len(GIF) / 1024 / 1024)
    for lines, how, problem in (
        ([OPENING, image, sent, cut, closing(1, 2)], config, "line 4: not a gif"),
        ([OPENING, image, sent, {"chat": "x"}], config, "line 4: Object missing required field `_id`"),
        ([OPENING, image, image], config, "line 3: the same image is there twice"),
        ([OPENING, image, sent, closing(1, 1)], small, "there is no space for its images"),
    ):
        with pytest.raises(StartError, match=problem):
            await import_conversation(how, written(tmp_path / "a.jsonl", *lines))
        assert list((config.data / "uploads").iterdir()) == []
    await import_conversation(config, written(tmp_path / "a.jsonl", OPENING, image, sent, closing(1, 1)))
    await import_conversation(config, written(tmp_path / "b.jsonl", OPENING, sent, closing(1)))  # one that was gone
    world = await start(worlds, config.data)
    other, room = world.service.lobby()
    reader = await reader_of(world, room)
    [record] = (await world.service.history.page(reader, room.id, None, 1)).chats
    assert (record.width, record.height, record.poster is not None) == (40, 30, True)
    reader = await reader_of(world, other)
    [record] = (await world.service.history.page(reader, other.id, None, 1)).chats
    assert (record.gif, record.chat) == (None, "안녕")
    await world.assert_consistent()


async def test_an_import_that_is_interrupted_while_it_is_stored_is_whole(
    worlds: dict[str, World], config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction goes on in a thread, so its images stay; before that, nothing is left."""
    image = {"image": NAME, "data": base64.b64encode(GIF).decode()}
    file = written(tmp_path / "a.jsonl", OPENING, image, {**SAID, "gif": NAME, "width": 1, "height": 1}, closing(1, 1))
    store = imported.store

    async def interrupted(*arguments: Any) -> list[str]:
        asyncio.get_running_loop().call_soon(importing.cancel)
        return await store(*arguments)

    monkeypatch.setattr(imported, "store", interrupted)
    importing = asyncio.ensure_future(import_conversation(config, file))
    await importing
    world = await start(worlds, config.data)
    assert len(world.service.lobby()) == 1
    await world.assert_consistent()


async def test_a_folder_in_use_is_left_alone(config: Config, tmp_path: Path) -> None:
    file = written(tmp_path / "a.jsonl", OPENING, closing(0))
    config.data.mkdir()
    with (
        only_server(config.data),
        pytest.raises(StartError, match="a gifchat is running on the data folder .*; stop it"),
    ):
        await import_conversation(config, file)
    assert not (config.data / "gifchat.db").exists()


def test_the_command_line_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert read_config(["import", "a.jsonl", "--quota", "1"], {}).imports == Path("a.jsonl")
    assert read_config([], {}).imports is None
    with pytest.raises(SystemExit):
        read_config(["import"], {})
    assert capsys.readouterr().err.count("\n") == 1
