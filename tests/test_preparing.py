"""Prepared rooms: how they are made and listed, and whose they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.chat.desk.room_file import Planned
from realtime.chat.model import OWNERLESS
from realtime.chat.policy import Limits
from realtime.errors import Storage, TooManyRooms
from tests.client import StartSite, start_site
from tests.desk import Desk, open_desk
from tests.world import Json, World, world

__all__ = ["start_site", "world"]


@pytest.fixture
def desk(world: World, io_loop: IOLoop) -> Iterator[Desk]:
    yield io_loop.run_sync(lambda: open_desk(world))


def listed(world: World) -> list[str]:
    """Return the titles of the rooms as the lobby lists them."""
    return [room.title for room in world.service.lobby()]


async def prepare(desk: Desk, title: str, **more: object) -> str:
    """Prepare a room and return its id."""
    answer = await desk.act("prepare", title=title, **more)
    assert answer["ok"], answer
    room = answer["room"]
    assert isinstance(room, dict)
    return str(room["_id"])


async def test_a_prepared_room_is_kept_and_begins_with_the_teachers_message(world: World, desk: Desk) -> None:
    room = world.service.view(await prepare(desk, " 모둠 1 ", max=6, first="어서 오세요"))
    assert (room.title, room.max, room.owner, room.kept, room.position) == ("모둠 1", 6, desk.who.user, True, 1)
    await world.pass_time(1000)
    pupil = await world.peer()
    answer = await pupil.join(room, after=0)
    first = answer.missed[0]
    assert (first.chat, first.user, first.role) == ("어서 오세요", desk.who.user, "teacher")
    assert desk.events("log")[-1]["title"] == "모둠 1"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": " "}, "invalid_room"),
        ({"title": "x", "max": 1}, "invalid_room"),
        ({"title": "x", "password": "p" * 129}, "invalid_room"),
        ({"title": "x", "first": "x" * 2001}, "chat_too_long"),
        ({"max": 3}, "bad_request"),
        ({"title": "x", "first": 3}, "bad_request"),
    ],
)
async def test_what_is_no_room_is_refused(world: World, desk: Desk, wrong: Json, error: str) -> None:
    assert (await desk.act("prepare", **wrong))["error"] == error
    assert not world.service.lobby()


async def test_a_room_without_its_first_message_is_none(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise Storage

    monkeypatch.setattr(world.stores.records, "append", refuse)
    assert (await desk.act("prepare", title="x", first="hello"))["error"] == "storage"
    assert not world.service.lobby() and await world.stored("rooms") == 0


async def test_prepared_rooms_come_first_in_the_order_that_the_teacher_gives_them(world: World, desk: Desk) -> None:
    lobby = await world.peer(namespace="/room")
    first, second, third = [await prepare(desk, title) for title in ("A", "B", "C")]
    pupils = await world.room(title="old")
    await world.room(title="new")
    assert listed(world) == ["A", "B", "C", "new", "old"]
    assert (await desk.act("arrange", rooms=[third, pupils.id, first]))["ok"]
    assert listed(world) == ["C", "A", "new", "old", "B"]
    await world.pass_time(1)
    told = {str(room["title"]): room.get("position") for room in lobby.events("updateRoom")}
    assert told == {"A": 2, "B": None, "C": 1}
    await world.restart()
    assert listed(world)[:2] == ["C", "A"]
    again = await open_desk(world)
    assert (await again.act("keep", room=third, on=False))["ok"]
    assert listed(world)[0] == "A"
    for wrong, error in (
        ([second, second], "bad_request"),
        ([first, "0" * 24], "no_such_room"),
        (first, "bad_request"),
    ):
        assert (await again.act("arrange", rooms=wrong))["error"] == error
    assert listed(world)[0] == "A"


async def test_no_pupil_inherits_a_prepared_room(world: World, desk: Desk) -> None:
    room = world.service.view(await prepare(desk, "A"))
    await world.service.desk.preparing.prepare_all([Planned("B", 5)])
    servers = next(room for room in world.service.lobby() if room.title == "B")
    teacher, pupil = await world.peer(desk.who), await world.peer()
    for one, owner in ((room, desk.who), (servers, OWNERLESS)):
        await pupil.join(one)
        await teacher.join(one)
        await world.pass_time(120)
        teacher.leave(one)
        await world.pass_time(120)
        assert world.service.view(one.id).owner == owner.user
    await world.restart()
    pupil, teacher = await world.peer(pupil.who), await world.peer(desk.who)  # who has not opened the desk again
    await pupil.join(room)
    await teacher.join(room)
    teacher.leave(room)
    await world.pass_time(120)
    assert world.service.view(room.id).owner == desk.who.user


async def test_the_rooms_of_the_file_are_made_once_and_the_teachers_order_stays(world: World, desk: Desk) -> None:
    planned = [Planned("A", 5), Planned("B", 6)]
    await world.room(title="A")  # a pupil's, and not kept
    for _ in range(2):
        await world.service.desk.preparing.prepare_all(planned)
        assert listed(world) == ["A", "B", "A"]
    rooms = [room.id for room in world.service.lobby() if room.kept]
    await desk.act("arrange", rooms=rooms[::-1])
    await world.restart()
    await world.service.desk.preparing.prepare_all([*planned, Planned("C", 7)])
    assert listed(world)[:3] == ["B", "A", "C"]


async def test_there_are_no_more_prepared_rooms_than_rooms_may_be(tmp_path: Path) -> None:
    world = await World(tmp_path, Limits(rate=0, max_rooms=2)).start()
    with pytest.raises(TooManyRooms):
        await world.service.desk.preparing.prepare_all([Planned(title, 5) for title in "ABC"])
    desk = await open_desk(world)
    assert (await desk.act("prepare", title="C"))["error"] == "too_many_rooms"
    assert listed(world) == ["A", "B"]
    await world.stop()


async def test_a_server_starts_with_the_rooms_of_its_file(start_site: StartSite, tmp_path: Path) -> None:
    file = tmp_path / "rooms.txt"
    file.write_text("모둠 1 | 6\n\n모둠 2\n", "utf-8")
    site = await start_site("--rooms", str(file), "--max-occupancy", "20")
    rooms = (await site.program().get("/")).json["rooms"]
    assert isinstance(rooms, list)
    assert [(room["title"], room["max"], room["kept"], room["position"]) for room in rooms] == [
        ("모둠 1", 6, True, 1),
        ("모둠 2", 20, True, 2),
    ]
