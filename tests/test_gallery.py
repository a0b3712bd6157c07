"""Sending images with captions, again by name, and from the shelf; and the list of images to send again."""

import asyncio
import re
from pathlib import Path

import pytest

from handlers.resources import STATIC
from realtime.chat.image_ports import LISTED
from tests.client import GIF, GIF_PART, Answer, Browser, Part, Site, StartSite, files_of, site, start_site
from tests.images import encoded, gif_of_size

__all__ = ["site", "start_site"]

Record = dict[str, object]


async def send(browser: Browser, room: str, content: bytes = GIF, **texts: str) -> Record:
    """Upload an image and return its record."""
    parts: list[Part] = [(name, text.encode(), None) for name, text in texts.items()]
    answer = await browser.upload(f"/room/{room}/gif", *parts, ("gif", content, "cat.gif"))
    assert answer.status == 200, answer.body
    return answer.json


async def again(browser: Browser, room: str, **fields: object) -> Answer:
    """Send a stored image by its name."""
    return await browser.ask("POST", f"/room/{room}/gif", json_body=fields)


async def gifs(browser: Browser, room: str) -> tuple[list[Record], list[Record]]:
    """Return the images that can be sent again: the room's and the visitor's own."""
    answer = await browser.get(f"/room/{room}/gifs")
    assert answer.status == 200, answer.body
    assert answer.json.keys() == {"recent", "mine"}
    recent, mine = answer.json["recent"], answer.json["mine"]
    assert isinstance(recent, list) and isinstance(mine, list)
    return recent, mine


def gif(record: Record) -> Record:
    """Return the GIF object under which a record's image is listed."""
    keys = {"gif": "name", "width": "width", "height": "height", "poster": "poster"}
    return {name: record[key] for key, name in keys.items() if key in record}


# --- captions


@pytest.mark.parametrize("caption", ["고양이 😀\n두 줄", "  trimmed ", "x" * 2000, " " * 3000 + "x"])
async def test_an_image_may_have_a_caption(site: Site, caption: str) -> None:
    program = site.program()
    room = await program.new_room()
    record = await send(program, room, chat=caption, nonce="n-1")
    assert record["chat"] == caption.strip()
    assert "gif" in record
    assert await program.chats(room) == [record]
    found = (await program.get(f"/room/{room}/search?q={caption.strip()[0]}")).json["chats"]
    assert found == [record]


async def test_an_empty_caption_is_left_out(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    for caption in ("", "  \r\n ", "\u3164\u200b", "\0"):
        assert "chat" not in await send(program, room, chat=caption)


@pytest.mark.parametrize(
    ("caption", "refusal"),
    [("x" * 2001, (413, "chat_too_long")), ("x" * 100_000, (413, "chat_too_long"))],
    ids=["2,001", "100,000"],
)
async def test_a_bad_caption_leaves_nothing(site: Site, caption: str, refusal: tuple[int, str]) -> None:
    program = site.program()
    room = await program.new_room()
    part: Part = ("chat", caption.encode(), None)
    for parts in ([part, GIF_PART], [GIF_PART, part]):
        assert (await program.upload(f"/room/{room}/gif", *parts)).refusal == refusal
    assert site.files() == []
    name = (await send(program, room))["gif"]
    assert (await again(program, room, name=name, chat=caption)).refusal == refusal
    assert len(await program.chats(room)) == 1


# --- again


@pytest.mark.parametrize("way", ["json", "form", "parts"])
async def test_an_image_is_sent_again_by_its_name(site: Site, way: str) -> None:
    program, other = site.program(), site.program()
    room = await program.new_room()
    first = await send(program, room)
    there = await other.new_room()
    fields = {"name": str(first["gif"]), "chat": "이것도", "nonce": "n-1"}
    for _ in range(2):  # a repeated nonce is the same message
        if way == "parts":
            parts: list[Part] = [(name, text.encode(), None) for name, text in fields.items()]
            answer = await other.upload(f"/room/{there}/gif", *parts)
        else:
            answer = await other.ask("POST", f"/room/{there}/gif", **{"json_body" if way == "json" else "form": fields})  # type: ignore[arg-type]
        assert answer.status == 200
        assert gif(answer.json) == gif(first)
        assert (answer.json["chat"], answer.json["nonce"]) == ("이것도", "n-1")
        assert await other.chats(there) == [answer.json]
    assert site.files() == files_of(first)
    assert (await program.ask("DELETE", f"/room/{room}")).status == 200
    assert site.files() == files_of(first)
    assert (await other.ask("DELETE", f"/room/{there}")).status == 200
    assert site.files() == []


NOWHERE: tuple[str, ...] = (
    "",
    "cat.gif",
    f"{'0' * 32}.gif",
    "../gifchat.db",
    "..",
    "/etc/passwd",
    "hello",
    "hello.gif\0",
    "hello.gif\n",
)
NOWHERE += (
    "\r\nhello.gif",
    "\u202ehello.gif",
    "HELLO.gif",
    "hello.poster.webp",
    "shelf.json",
    "a/../hello.gif",
    "%2e%2e",
)


async def test_a_missing_image_cannot_be_sent(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    for name in NOWHERE:
        assert (await again(program, room, name=name)).refusal == (404, "not_found"), name
    assert site.files() == []


async def test_a_poster_cannot_be_sent_as_an_image(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    record = await send(program, room)
    assert (await again(program, room, name=record["poster"])).refusal == (404, "not_found")
    assert (await again(program, room, name=str(record["gif"]).upper())).refusal == (404, "not_found")


async def test_a_deleted_image_cannot_be_sent(site: Site) -> None:
    program = site.program()
    room, other = await program.new_room(), await program.new_room()
    name = (await send(program, room))["gif"]
    assert (await program.ask("DELETE", f"/room/{room}")).status == 200
    assert (await again(program, other, name=name)).refusal == (404, "not_found")


async def test_an_image_whose_file_was_removed_by_hand_can_be_uploaded_again(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    lost = await send(program, room)
    for name in files_of(lost):
        (site.data / "uploads" / name).unlink()
    assert (await again(program, room, name=lost["gif"])).refusal == (404, "not_found")
    made = await send(program, room)
    assert made["gif"] != lost["gif"]
    assert site.files() == files_of(made)
    assert (await again(program, room, name=made["gif"])).status == 200


async def test_only_admitted_visitors_can_list_or_resend_images(site: Site) -> None:
    program, stranger = site.program(), site.program()
    room = await program.new_room()
    name = (await send(program, room))["gif"]
    assert (await again(stranger, room, name=name)).refusal == (403, "not_admitted")
    assert (await stranger.get(f"/room/{room}/gifs")).refusal == (403, "not_admitted")
    assert (await again(stranger, "0" * 24, name=name)).refusal == (404, "no_such_room")
    assert (await stranger.get(f"/room/{'0' * 24}/gifs")).refusal == (404, "no_such_room")


async def test_resending_is_throttled(start_site: StartSite) -> None:
    site = await start_site("--rate", "0.01")
    program = site.program()
    room = await program.new_room()
    answers = [await again(program, room, name="hello.gif") for _ in range(2)]
    assert answers[0].status == 200
    assert answers[1].refusal == (429, "too_fast")


# --- the shelf


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that serves as the shelf and holds one image."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    (folder / "hello.gif").write_bytes(GIF)
    monkeypatch.setattr("composition.SHELF", folder)
    return folder


async def test_a_shelf_image_is_stored_once_like_any_other(shelf: Path, start_site: StartSite) -> None:
    site = await start_site()
    program, other = site.program(), site.program()
    room, there = await program.new_room(), await other.new_room()
    first = (await again(program, room, name="hello.gif", chat="안녕")).json
    assert (first["chat"], first["width"] is not None, "poster" in first) == ("안녕", True, True)
    assert re.fullmatch(r"hello-[0-9a-f]{32}\.gif", str(first["gif"]))  # so that pages can say what it shows
    assert (await other.get(f"/gif/{first['gif']}")).body == GIF
    sent = [(await again(other, there, name="hello.gif")).json, await send(other, there)]
    assert {record["gif"] for record in sent} == {first["gif"]}
    assert site.files() == files_of(first)
    for browser, gone in ((program, room), (other, there)):
        assert (await browser.ask("DELETE", f"/room/{gone}")).status == 200
    assert site.files() == []
    room = await program.new_room()
    assert (await again(program, room, name="hello.gif")).json["gif"] != first["gif"]
    assert (await again(program, room, name="bye.gif")).refusal == (404, "not_found")


async def test_every_shelf_image_can_be_sent(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    names = sorted(path.name for path in (STATIC / "shelf").glob("*.gif"))
    for name in names[:3]:
        record = (await again(program, room, name=name)).json
        assert (await program.get(f"/gif/{record['gif']}")).body == (STATIC / "shelf" / name).read_bytes()
        assert "poster" in record


# --- the list of images to send again


async def test_sent_images_are_listed_once_the_latest_first(site: Site) -> None:
    program, other = site.program(), site.program()
    room, there = await program.new_room(), await program.new_room()
    await other.get(f"/room/{room}")
    assert await gifs(program, room) == ([], [])
    cat = await send(program, room)
    dog = await send(other, room, encoded("GIF"))
    assert "poster" not in dog
    owl = await send(program, there, encoded("PNG"))
    await program.post(f"/room/{room}/chat", {"chat": "text"})
    assert await gifs(program, room) == ([gif(dog), gif(cat)], [gif(owl), gif(cat)])
    assert await gifs(other, room) == ([gif(dog), gif(cat)], [gif(dog)])
    await again(program, room, name=cat["gif"])
    assert await gifs(program, room) == ([gif(cat), gif(dog)], [gif(cat), gif(owl)])
    await program.ask("DELETE", f"/room/{room}")
    assert await gifs(program, there) == ([gif(owl)], [gif(owl)])


async def test_the_list_of_sent_images_is_bounded(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    sent = [await send(program, room, gif_of_size(5000 + number)) for number in range(LISTED + 2)]
    latest = [gif(record) for record in reversed(sent)][:LISTED]
    assert await gifs(program, room) == (latest, latest)


async def test_an_ephemeral_room_lists_nothing(site: Site) -> None:
    program = site.program()
    room = await program.new_room(ephemeral=True)
    answer = await program.upload(f"/room/{room}/gif", GIF_PART)
    assert await gifs(program, room) == ([], [])
    assert (await again(program, room, name=answer.json["gif"])).status == 200
    assert site.files() == files_of(answer.json)
    assert (await program.ask("DELETE", f"/room/{room}")).status == 200
    assert site.files() == []


# --- quotas


async def test_a_full_quota_refuses_only_new_images(start_site: StartSite) -> None:
    kib = 1024
    site = await start_site("--quota", str(400 * kib / 2**20))
    program = site.program()
    rooms = [await program.new_room() for _ in range(5)]
    first = await send(program, rooms[0], gif_of_size(60 * kib))
    over = await program.upload(f"/room/{rooms[0]}/gif", ("gif", gif_of_size(41 * kib), ""))
    assert over.refusal == (507, "storage")
    assert "공간이 가득" in str(over.json["message"])
    for _ in range(3):  # an image that is already stored costs nothing
        assert (await send(program, rooms[0], gif_of_size(60 * kib)))["gif"] == first["gif"]
    assert (await send(program, rooms[0], gif_of_size(40 * kib)))["gif"] != first["gif"]
    for number, room in enumerate(rooms[1:4]):
        await send(program, room, gif_of_size(99 * kib + number))
    # The total quota is full but for 3 KiB; an image that is already stored adds nothing.
    over = await program.upload(f"/room/{rooms[4]}/gif", ("gif", gif_of_size(4 * kib), ""))
    assert over.refusal == (507, "storage")
    assert (await again(program, rooms[4], name=first["gif"])).status == 200
    records = [record for room in rooms for record in await program.chats(room)]
    assert site.files() == files_of(*records)
    await asyncio.gather(*(program.ask("DELETE", f"/room/{room}") for room in rooms[:4]))
    assert site.files() == files_of(first)
    assert (await program.upload(f"/room/{rooms[4]}/gif", ("gif", gif_of_size(4 * kib), ""))).status == 200
