"""Taking a conversation home: as a page, and as data."""

import base64
import datetime
import hashlib
import html
import io
import json
import random
import re
import subprocess
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from handlers.export import data, pictures
from handlers.export.download import attachment
from handlers.export.look import colour_word, ink_on, look_of
from handlers.export.moments import Moments
from handlers.export.page import SavedPage
from handlers.export.people import Called
from handlers.export.text import is_emoji_alone, pieces_of
from handlers.pages import Language, Pages
from handlers.resources import TEMPLATES
from realtime.chat.export import PAGE, THUMB_SIDE, Conversation
from realtime.chat.model import RoomView, Visitor
from realtime.chat.names import Name, key_of
from realtime.errors import NoSuchRoom, NotOwner, TooFast
from tests.client import GIF
from tests.conftest import ROOT
from tests.test_images_flashes import BLACK, WHITE, film, frames
from tests.world import Peer, World, not_held, world

__all__ = ["world"]

SEOUL = datetime.timezone(datetime.timedelta(hours=9))
PAGES = Pages(TEMPLATES, debug=False)


async def whole(pieces: AsyncIterator[bytes]) -> str:
    return b"".join([piece async for piece in pieces]).decode()


def conversation(world: World, who: Visitor, room: RoomView, names: bool = True) -> Conversation:
    return world.service.exports.of_owner(who, room.id, names=names)


def writer(world: World, names: Called = "shown", lang: Language = "en") -> SavedPage:
    thumbnail = world.service.exports.thumbnail
    return SavedPage(PAGES, lang, names, world.stores.images.folder, Moments(lang, SEOUL), thumbnail=thumbnail)


async def page(world: World, who: Visitor, room: RoomView, names: Called = "shown", lang: Language = "en") -> str:
    return await whole(writer(world, names, lang).write(conversation(world, who, room, names == "shown")))


async def lines(world: World, who: Visitor, room: RoomView, names: bool = True) -> list[dict[str, object]]:
    text = await whole(data.write(conversation(world, who, room, names), world.stores.images.folder))
    return [json.loads(line) for line in text.splitlines()]


def photo() -> bytes:
    """Return a JPEG that is larger than a thumbnail may be."""
    file = io.BytesIO()
    Image.effect_noise((640, 480), 90).save(file, "JPEG", quality=95)
    assert file.tell() > pictures.THUMB_BYTES
    return file.getvalue()


async def call(world: World, peer: Peer, name: str) -> None:
    await world.visitors.rename(peer.who, Name(name, key_of(name)))


def plain(page: str) -> str:
    """Return the text of a page, without its style."""
    body = page.partition("<body")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


# What is divided and drawn as in a room


def test_texts_faces_and_handles_are_those_of_the_rooms_pages(node: str) -> None:
    """The two languages agree on examples of every kind, put together at random."""
    choose = random.Random(20261201)
    parts = [
        "http://",
        "HTTPS://",
        "a.kr",
        "한국",
        "b",
        "/",
        "?",
        "=",
        "`",
        "``",
        "```",
        "\n",
        " ",
        "에서",
        "이",
        "(",
        ")",
    ]
    parts += ["[", "]", ".", ",", "@", ":80", ":99999", "[::1]", "#", "py\n", "“", "😀", "e\u0301"]
    texts = ["".join(choose.choices(parts, k=choose.randint(1, 14))) for _ in range(3000)]
    colours = [f"#{choose.randrange(1 << 24):06x}" for _ in range(3000)]
    script = f"""
        import {{ piecesOf }} from "{(ROOT / "static/js/room/text_pieces.js").as_uri()}";
        import {{ colourWord, inkOn, lookOf }} from "{(ROOT / "static/js/faces/look.js").as_uri()}";
        import {{ readFileSync }} from "node:fs";
        const {{ texts, colours }} = JSON.parse(readFileSync(0, "utf8"));
        const face = ({{ body, animal, eyes, mouth }}) => [body, animal, eyes, mouth];
        console.log(JSON.stringify([
            texts.map((text) => piecesOf(text).map(({{ kind, text }}) => [kind, text])),
            colours.map((colour) => [...face(lookOf(colour)), colourWord(colour), inkOn(colour)]),
        ]));
    """
    asked = json.dumps({"texts": texts, "colours": colours})
    answer = subprocess.run(
        [node, "--input-type=module", "-e", script], input=asked, capture_output=True, text=True, check=True
    )
    drawn, looks = json.loads(answer.stdout)
    for text, expected in zip(texts, drawn, strict=True):
        assert [list(piece) for piece in pieces_of(text)] == expected, text
    for colour, expected in zip(colours, looks, strict=True):
        assert [*look_of(colour), colour_word(colour), ink_on(colour)] == expected, colour


@pytest.mark.parametrize(
    ("text", "alone"),
    [("👍", True), ("👩‍👩‍👧‍👦 ❤️", True), ("👍🏽", True), ("좋아 👍", False), ("1", False), ("👍" * 30, False)],
)
def test_emoji_alone_are_large(text: str, alone: bool) -> None:
    assert is_emoji_alone(text) is alone


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Science: class 3", "filename=\"Science class 3.html\"; filename*=UTF-8''Science%20class%203.html"),
        ("과학", "filename=\"gifchat.html\"; filename*=UTF-8''%EA%B3%BC%ED%95%99.html"),
        ('../"x"\\\r\n', "filename=\"x.html\"; filename*=UTF-8''x.html"),
        ("???", "filename=\"gifchat.html\"; filename*=UTF-8''gifchat.html"),
    ],
)
def test_a_file_has_the_rooms_title_as_its_name(title: str, name: str) -> None:
    assert attachment(title, "html") == f"attachment; {name}"


def test_moments_are_written_as_the_pages_do() -> None:
    moments = Moments("en", SEOUL), Moments("ko", SEOUL)
    night, noon = moments[0].read("2026-11-29T15:05:00.000Z"), moments[0].read("2026-11-29T03:00:00.000Z")
    assert [one.day(night) for one in moments] == ["Monday, November 30, 2026", "2026년 11월 30일 월요일"]
    assert [one.clock(night) for one in moments] == ["12:05 AM", "오전 12:05"]
    assert [one.clock(noon) for one in moments] == ["12:00 PM", "오후 12:00"]
    assert moments[0].zone(night) == "UTC+09:00"


# What is in it


async def test_only_its_owner_takes_a_conversation_home(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await guest.join(room)
    with pytest.raises(NotOwner):
        conversation(world, guest.who, room)
    begun = conversation(world, owner.who, room).pages()
    await world.service.owner.delete(owner.who, room.id)
    with pytest.raises(NoSuchRoom):
        await anext(begun)


async def test_no_whisper_and_nothing_deleted_is_in_any_form(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    secret = not_held(await world.service.whisper(owner.who, room.id, guest.who.user, "비밀입니다", None))
    await guest.post(room, "귓속말에 대한 답", re=secret)
    gone = await guest.say(room, "지울 말")
    await owner.post(room, "지운 말에 대한 답", re=gone)
    picture = await world.send_image(guest.who, room, GIF)
    for record in (gone, picture):
        await world.service.records.delete(owner.who, room.id, record.id)
    await world.settle()
    read = [await page(world, owner.who, room), json.dumps(await lines(world, owner.who, room), ensure_ascii=False)]
    for text in read:
        assert "비밀입니다" not in text
        assert "지울 말" not in text
        assert secret.id not in text
        assert picture.gif is not None and picture.gif not in text and "data:image/gif" not in text
        assert "귓속말에 대한 답" in text
    assert plain(read[0]).count("This message was deleted by the owner.") == 3  # one of them as a quote
    assert f"#m{secret.seq}" not in read[0]


async def test_the_page_tells_what_happened_and_can_do_nothing(world: World) -> None:
    """Texts are escaped, links lead to the web only, and the policy allows the page's own style and nothing else."""
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who, title="과학 <시간>")
    await owner.join(room)
    await guest.join(room)
    await call(world, owner, "김선생")
    asked = await owner.say(room, "<script>alert(1)</script> https://a.kr/b?c&d 와 javascript:alert(1)")
    answer = await guest.post(room, "```py\nif a < b:\n    pass\n```", re=asked)
    await world.service.records.react(owner.who, room.id, answer.id, "👍", on=True)
    await world.pass_time(1)
    edited = world.service.records.edit(guest.who, room.id, answer.id, "고친 답")
    await world.pass_time(1)
    await edited
    first = await world.send_image(guest.who, room, GIF)
    await world.send_image(guest.who, room, GIF)
    await world.settle()
    saved = await page(world, owner.who, room)
    text = plain(saved)
    assert "과학 <시간>" in text and "2 people 5 messages" not in text
    assert re.search(r"2 people\s+4 messages\s+2 images", text)
    assert "<script>alert(1)</script>" in text and "김선생" in text
    assert re.findall(r'<a href="(?!#)([^"]*)" rel="([^"]*)"', saved) == [
        ("https://a.kr/b?c&amp;d", "noopener noreferrer nofollow")
    ]
    assert f'<a class="quote" href="#m{asked.seq}">' in saved and f'id="m{asked.seq}"' in saved
    assert "고친 답 (edited) 👍 1" in text
    assert saved.count(base64.b64encode(GIF).decode()) == 2  # a small one each time
    assert f'<a href="#m{first.seq}"><span class="frame">' in saved and 'id="i1"' in saved and "2 times" in text
    assert not re.search(r"<(?:script|link|iframe|form|object)|\son\w+=|\sstyle=", saved)
    (style,) = re.findall(r"<style>(.*?)</style>", saved, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', saved)
    assert html.unescape(policy) == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


async def test_a_file_to_hand_on_names_nobody(world: World) -> None:
    owner, guest = await world.peer(), await world.peer()
    room = await world.room(owner.who)
    await call(world, guest, "민아")
    await owner.join(room)
    await guest.join(room)
    said = await guest.say(room, "안녕하세요")
    await owner.post(room, "반가워요", re=said)
    await call(world, guest, "미나")
    for noted in world.service._rooms.show_name(guest.who, world.visitors.name_of(guest.who.id)):
        renamed = await noted
    await owner.post(room, "새 이름이네요", re=renamed)
    shown, faces, numbers = [await page(world, owner.who, room, how) for how in ("shown", "colours", "numbers")]
    assert "미나" in plain(shown) and "민아" not in plain(shown)  # as in the room, everywhere the latest
    data = json.dumps(await lines(world, owner.who, room, names=False), ensure_ascii=False)
    for text in (faces, numbers, data):
        assert "미나" not in text and "민아" not in text and "새 이름이네요" in text
    assert "Person 1 joined." in plain(numbers) or "Person 2 joined." in plain(numbers)
    assert guest.who.user not in numbers and owner.who.user not in numbers and "image/svg" not in numbers


async def test_a_long_conversation_is_whole_and_in_order(world: World) -> None:
    owner = await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    said = [(await owner.say(room, f"말 {number}")).id for number in range(2 * PAGE + 3)]
    first, *records, last = await lines(world, owner.who, room)
    assert first["gifchat"] == 1 and last == {"end": {"records": len(records), "images": 0}}
    assert [record["_id"] for record in records if record["user"] != "system"] == said


async def test_the_data_has_each_image_once_before_its_record(world: World) -> None:
    owner = await world.peer()
    room = await world.room(owner.who)
    await owner.join(room)
    for _ in range(2):
        sent = await world.send_image(owner.who, room, GIF)
    _, _, image, *records, last = await lines(world, owner.who, room)
    assert image == {"image": sent.gif, "data": base64.b64encode(GIF).decode()}
    assert [record["gif"] for record in records] == [sent.gif, sent.gif]
    assert last == {"end": {"records": 3, "images": 1}}


async def test_images_over_the_limit_are_left_out_and_the_page_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await world.peer()
    room = await world.room(owner.who)
    await world.send_image(owner.who, room, GIF)
    monkeypatch.setattr(pictures.Embedding.__init__, "__defaults__", (len(GIF) - 1,))
    saved = await page(world, owner.who, room)
    assert base64.b64encode(GIF).decode() not in saved
    assert "is not in this file" in plain(saved)
    assert "data:image/webp" in saved  # its still is there


async def test_a_large_photo_is_small_in_the_index(world: World) -> None:
    """Made by the confined process that examines images; if that cannot, the index has the image's number."""
    owner = await world.peer()
    room = await world.room(owner.who)
    sent = await world.send_image(owner.who, room, photo())
    assert sent.gif is not None
    thumbs = re.findall(r'src="data:image/webp;base64,([^"]*)"', await page(world, owner.who, room))
    [small] = [Image.open(io.BytesIO(base64.b64decode(thumb))) for thumb in thumbs]
    assert small.size == (THUMB_SIDE, THUMB_SIDE * 3 // 4)
    await world.examiner.close()
    assert '<span class="frame">1</span>' in await page(world, owner.who, room)


async def test_an_image_that_flashes_does_not_move_by_itself(world: World) -> None:
    """It moves only in an open `<details>`; its still is outside."""
    owner = await world.peer()
    room = await world.room(owner.who)
    await world.send_image(owner.who, room, film(frames(BLACK, WHITE), 100))
    saved = await page(world, owner.who, room)
    [figure] = re.findall(r'<figure class="flashing">.*?</figure>', saved, re.DOTALL)
    inside, _, outside = figure.partition("</details>")
    assert "data:image/gif" in inside.partition("<details>")[2] and "data:image/gif" not in outside
    assert "data:image/webp" in outside and "data:image/webp" not in inside


async def test_an_image_that_is_gone_is_told_and_stops_nothing(world: World) -> None:
    owner = await world.peer()
    room = await world.room(owner.who)
    sent = await world.send_image(owner.who, room, GIF)
    assert sent.gif is not None
    (world.stores.images.folder / sent.gif).unlink()
    assert "This image no longer exists." in plain(await page(world, owner.who, room))
    assert [line for line in await lines(world, owner.who, room) if "image" in line] == []


async def test_a_visitor_takes_one_conversation_at_once(world: World) -> None:
    who = await world.visitor()
    async with world.service.exports.turns.ask("here", who.id):
        with pytest.raises(TooFast):
            world.service.exports.turns.ask("here", who.id)
        async with world.service.exports.turns_at_desk.ask("here", who.id):
            pass  # the teacher's are others
    async with world.service.exports.turns.ask("here", who.id):
        pass


async def test_only_the_teachers_file_tells_what_the_desk_did(world: World) -> None:
    """What concerns others, or other rooms, is in none, and no seat's label, which may be a name."""
    owner, guest, teacher = await world.peer(), await world.peer(), await world.visitor()
    room, other = await world.room(owner.who), await world.room(owner.who)
    await owner.join(room)
    await guest.join(room)
    for did, detail in (
        ("freeze", {"room": room.id, "on": True}),
        ("freeze", {"room": None, "on": False}),
        ("mute", {"room": room.id, "user": guest.who.user, "minutes": 5, "seat": "김민아"}),
        ("mute", {"room": None, "user": "#123456", "minutes": 5}),
        ("kick", {"room": other.id, "user": guest.who.user}),
        ("ban", {"user": guest.who.user}),
    ):
        await world.service.desk.log.note(teacher, did, **detail)

    def of_teacher() -> Conversation:
        return world.service.exports.of_teacher(teacher, room.id, names=False)

    told = plain(await whole(writer(world, "numbers").write(of_teacher())))
    assert re.search(
        r"What the teacher did .*방: frozen .*All rooms can write again .*Person 2: muted for 5 min in 방", told
    )
    assert "removed" not in told and "banned" not in told and "김민아" not in told
    text = await whole(data.write(of_teacher(), world.stores.images.folder))
    logged = [json.loads(line)["log"] for line in text.splitlines() if line.startswith('{"log"')]
    assert [entry["did"] for entry in logged] == ["freeze", "freeze", "mute", "mute"]
    assert "김민아" not in text
    assert "What the teacher did" not in await page(world, owner.who, room)
    assert not any("log" in line for line in await lines(world, owner.who, room))
