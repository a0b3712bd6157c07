"""Uploading an image: streamed, identified by its bytes, stored under a generated name."""

import asyncio
import re
from collections.abc import Callable

import pytest

from db.chats import ChatTable
from realtime.chat.model import IMAGE_NAME
from realtime.errors import Storage
from tests import odd_images
from tests.client import GIF, GIF_PART, Answer, Browser, Part, Site, StartSite, files_of, multipart, site, start_site
from tests.images import SIZE, encoded, gif_of, gif_of_size

__all__ = ["site", "start_site"]

JSON = {"Accept": "application/json"}
MIB = 1024 * 1024


async def until(true: Callable[[], bool]) -> None:
    """Return when `true()` holds; the test's own time limit ends a wait that never does."""
    while not true():
        await asyncio.sleep(0.01)


async def test_an_image_is_stored_and_posted(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    sent = await browser.upload(f"/room/{room}/gif", GIF_PART)
    assert (sent.status, sent.body) == (200, b"ok")
    [record] = await browser.chats(room)
    name = str(record["gif"])
    assert re.fullmatch(IMAGE_NAME, name)
    assert (record["width"], record["height"]) == SIZE
    assert record["poster"] == f"{name.removesuffix('.gif')}.poster.webp"
    assert "chat" not in record and "moving" not in record
    assert site.files() == files_of(record)
    served = await browser.get(f"/gif/{record['gif']}")
    assert (served.status, served.body) == (200, GIF)
    page = (await browser.get(f"/room/{room}")).text
    assert f'href="/gif/{name}"' in page and f'src="/gif/{record["poster"]}"' in page


@pytest.mark.parametrize(
    ("format_name", "extension", "media_type"),
    [
        ("GIF", "gif", "image/gif"),
        ("WEBP", "webp", "image/webp"),
        ("PNG", "png", "image/png"),
        ("JPEG", "jpg", "image/jpeg"),
    ],
)
async def test_the_image_type_is_decided_by_its_bytes(
    site: Site, format_name: str, extension: str, media_type: str
) -> None:
    program = site.program()
    room = await program.new_room()
    answer = await program.upload(f"/room/{room}/gif", ("gif", encoded(format_name), "../../evil.html\0.exe"))
    name = str(answer.json["gif"])
    assert re.fullmatch(rf"[0-9a-f]{{32}}\.{extension}", name)
    assert (await program.get(f"/gif/{name}")).headers["Content-Type"] == media_type


async def test_data_that_is_not_part_of_the_image_is_not_stored(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    for sent, stored in (
        (odd_images.GIF[:-1] + b"<script>", odd_images.GIF),
        (odd_images.MOVING_WEBP + odd_images.WEBP, odd_images.MOVING_WEBP),
        (odd_images.png(odd_images.idat(), end=odd_images.ZIP), odd_images.PNG),
        (odd_images.JPEG[:-2] + odd_images.ZIP, odd_images.JPEG),
    ):
        record = (await program.upload(f"/room/{room}/gif", ("gif", sent, "a.gif"))).json
        assert (record["width"], record["height"]) == odd_images.SIZE
        assert (await program.get(f"/gif/{record['gif']}")).body == stored


NAMES = [
    "../../evil.html",
    "..\\evil.exe",
    "a\0.gif",
    "a\r\nX-Evil: y.gif",
    "\u202egif.exe",
    "/etc/passwd",
    "",
    "x" * 5000,
]


async def test_the_file_name_given_by_the_sender_is_stored_nowhere(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    for name in NAMES:
        answer = await program.upload(f"/room/{room}/gif", ("gif", GIF, name))
        assert answer.status == 200 or "\n" in name or len(name) > 4096, name  # no header at all
    records = await program.chats(room)
    assert len(records) >= len(NAMES) - 2
    assert {re.fullmatch(IMAGE_NAME, str(record["gif"])) is not None for record in records} == {True}
    assert site.files() == files_of(*records)
    assert {path.name for path in site.data.parent.rglob("*evil*")} == set()


@pytest.mark.parametrize("nonce_first", [True, False])
async def test_the_nonce_may_come_before_or_after_the_file(site: Site, nonce_first: bool) -> None:
    program = site.program()
    room = await program.new_room()
    nonce: Part = ("nonce", b"n-1", None)
    parts = [nonce, GIF_PART] if nonce_first else [GIF_PART, nonce]
    first = await program.upload(f"/room/{room}/gif", *parts)
    again = await program.upload(f"/room/{room}/gif", *parts)
    assert first.json["nonce"] == "n-1"
    assert again.json == first.json
    assert site.files() == files_of(first.json)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"%PDF-1.7\n%%EOF", (415, "not_a_gif")),
        (b"<!doctype html><script>alert(1)</script>", (415, "not_a_gif")),
        (b"GIF89a<script>alert(1)</script>", (415, "not_a_gif")),
        (GIF[:-9], (415, "not_a_gif")),
        (GIF[: len(GIF) // 2], (415, "not_a_gif")),
        (b"", (400, "no_file")),
        (gif_of(300, 4000, 4000), (413, "gif_too_large")),
        (gif_of_size(5 * MIB + 1), (413, "gif_too_large")),
        (gif_of_size(5 * MIB) + bytes(20 * MIB), (413, "gif_too_large")),
    ],
    ids=["PDF", "HTML", "polyglot", "cut", "half", "empty", "bomb", "5 MiB + 1", "25 MiB"],
)
async def test_a_refused_upload_leaves_nothing(site: Site, content: bytes, refusal: tuple[int, str]) -> None:
    program, browser = site.program(), site.browser()
    room = await program.new_room()
    browser.cookies = program.cookies
    assert (await program.upload(f"/room/{room}/gif", ("gif", content, "cat.gif"))).refusal == refusal
    page = await browser.upload(f"/room/{room}/gif", ("gif", content, "cat.gif"))
    assert (page.status, "error-message" in page.text) == (refusal[0], True)
    assert site.files() == []
    assert await program.chats(room) == []


async def test_an_image_may_be_up_to_5_mib(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    answer = await program.upload(f"/room/{room}/gif", ("gif", gif_of_size(5 * MIB), "cat.gif"))
    assert answer.status == 200
    assert (site.data / "uploads" / str(answer.json["gif"])).stat().st_size == 5 * MIB


async def test_the_upload_limit_can_be_configured(start_site: StartSite) -> None:
    site = await start_site("--max-upload", "0.5")
    program = site.program()
    room = await program.new_room()
    assert (await program.upload(f"/room/{room}/gif", ("gif", gif_of_size(MIB // 2), "a.gif"))).status == 200
    refused = await program.upload(f"/room/{room}/gif", ("gif", gif_of_size(MIB // 2 + 1), "a.gif"))
    assert refused.refusal == (413, "gif_too_large")
    assert f'data-max-upload="{MIB // 2}"' in (await program.get(f"/room/{room}", {"Accept": "text/html"})).text


async def test_the_other_fields_of_an_upload_are_bounded(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    assert (await program.upload(f"/room/{room}/gif", ("caption", b"x" * 50_000, None), GIF_PART)).status == 200
    filler: Part = ("caption", b"x" * 6 * MIB, None)
    assert (await program.upload(f"/room/{room}/gif", filler, GIF_PART)).refusal == (413, "gif_too_large")
    many: list[Part] = [("caption", b"x", None)] * 100
    assert (await program.upload(f"/room/{room}/gif", *many, GIF_PART)).refusal == (400, "bad_request")
    assert site.files() == files_of(*await program.chats(room))


@pytest.mark.parametrize(
    ("content_type", "body", "refusal"),
    [
        ("", b"", (400, "no_file")),
        ("image/gif", GIF, (400, "no_file")),
        ("application/json", b'{"gif": "x"}', (400, "no_file")),
        ("application/json", b"{", (400, "bad_request")),
        ("application/json", b'{"name": 1}', (400, "bad_request")),
        ("application/json", b'{"name": "x", "chat": "' + b"x" * 65536 + b'"}', (413, "chat_too_long")),
        ("application/x-www-form-urlencoded", b"gif=x", (400, "no_file")),
        ("multipart/form-data; boundary=x", multipart("x"), (400, "no_file")),
        ("multipart/form-data; boundary=x", multipart("x", ("gif", GIF, None)), (400, "no_file")),
        ("multipart/form-data; boundary=x", multipart("x", ("GIF", GIF, "a.gif")), (400, "no_file")),
        ("multipart/form-data", multipart("x", GIF_PART), (400, "bad_request")),
        ("multipart/form-data; boundary=y", multipart("x", GIF_PART), (400, "bad_request")),
        ("multipart/form-data; boundary=x", multipart("x", GIF_PART)[:-6], (400, "bad_request")),
        ("multipart/form-data; boundary=x", b"garbage" * 10_000, (400, "bad_request")),
        ("multipart/form-data; boundary=x", b"", (400, "bad_request")),
    ],
)
async def test_a_body_that_is_not_an_upload_is_refused(
    site: Site, content_type: str, body: bytes, refusal: tuple[int, str]
) -> None:
    program = site.program()
    room = await program.new_room()
    answer = await program.ask("POST", f"/room/{room}/gif", body, {"Content-Type": content_type})
    assert answer.refusal == refusal
    assert site.files() == []


@pytest.mark.parametrize("nonce", [b"", b"a b", b"n" * 65, b"\xff"])
async def test_a_bad_nonce_leaves_nothing(site: Site, nonce: bytes) -> None:
    program = site.program()
    room = await program.new_room()
    for parts in ([("nonce", nonce, None), GIF_PART], [GIF_PART, ("nonce", nonce, None)]):
        assert (await program.upload(f"/room/{room}/gif", *parts)).refusal == (400, "bad_request")
    assert site.files() == []


async def test_an_upload_by_a_visitor_who_is_not_admitted_is_refused_before_storing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await site.browser().new_room()
    monkeypatch.setattr("db.uploads.Uploads.draft", lambda uploads: pytest.fail("something was stored"))
    program = site.program()
    assert (await program.upload(f"/room/{room}/gif", GIF_PART)).refusal == (403, "not_admitted")
    assert (await program.upload(f"/room/{'0' * 24}/gif", GIF_PART)).refusal == (404, "no_such_room")


async def test_uploads_are_throttled(start_site: StartSite) -> None:
    site = await start_site("--rate", "0.01")
    program = site.program()
    room = await program.new_room()
    sent, refused = [await program.upload(f"/room/{room}/gif", GIF_PART) for _ in range(2)]
    assert refused.refusal == (429, "too_fast")
    assert site.files() == files_of(sent.json)


async def test_the_file_of_a_refused_record_is_deleted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Storage

    program = site.program()
    room = await program.new_room()
    monkeypatch.setattr(ChatTable, "append", full)
    assert (await program.upload(f"/room/{room}/gif", GIF_PART)).refusal == (507, "storage")
    assert site.files() == []


def upload_request(site: Site, browser: Browser, room: str, content: bytes) -> bytes:
    """Return a whole upload as raw bytes."""
    body = multipart("x", ("gif", content, "cat.gif"))
    head = [
        f"POST /room/{room}/gif HTTP/1.1",
        f"Host: 127.0.0.1:{site.port}",
        f"Cookie: {browser.identity}",
        "Accept: application/json",
        "Content-Type: multipart/form-data; boundary=x",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


async def test_an_upload_interrupted_anywhere_leaves_nothing(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    request = upload_request(site, browser, room, gif_of_size(MIB))
    for tenth in range(10):
        _, writer = await site.raw(request[: len(request) * tenth // 10])
        if tenth > 2:
            await until(lambda: any(name.endswith(".part") for name in site.files()))
        writer.transport.abort()
        await until(lambda: site.files() == [])
    assert await browser.chats(room) == []
    assert (await browser.upload(f"/room/{room}/gif", GIF_PART)).status == 200


async def test_uploads_in_progress_count_towards_the_quota(start_site: StartSite) -> None:
    site = await start_site("--quota", "8", "--max-upload", "4")
    browser = site.program()
    room = await browser.new_room()
    request = upload_request(site, browser, room, gif_of_size(7 * MIB // 2))
    slow = [await site.raw(request[:-1]) for _ in range(2)]
    await until(lambda: sum(file.stat().st_size for file in (site.data / "uploads").iterdir()) > 6.75 * MIB)
    image: Part = ("gif", gif_of_size(3 * MIB // 2), "cat.gif")
    refused = await browser.upload(f"/room/{room}/gif", image)
    assert refused.refusal == (507, "storage")
    assert refused.json["reason"] == "quota"
    for _, writer in slow:
        writer.transport.abort()
    await until(lambda: site.files() == [])
    assert (await browser.upload(f"/room/{room}/gif", image)).status == 200


async def test_an_upload_is_kept_if_its_sender_disconnects_before_the_answer(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    _, writer = await site.raw(upload_request(site, browser, room, GIF))
    writer.close()
    await writer.wait_closed()
    while not (records := await browser.chats(room)):
        await asyncio.sleep(0.01)
    await until(lambda: site.files() == files_of(*records))


async def test_an_upload_sent_byte_by_byte_is_accepted(site: Site) -> None:
    browser = site.browser()
    room = await browser.new_room()
    request = upload_request(site, browser, room, gif_of(1, 1, 1))
    reader, writer = await site.raw(b"")
    for at in range(len(request)):
        writer.write(request[at : at + 1])
        await writer.drain()
        await asyncio.sleep(0)
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_many_simultaneous_uploads_are_all_stored(site: Site) -> None:
    program = site.program()
    room = await program.new_room()
    browsers = [site.program() for _ in range(20)]
    for browser in browsers:
        browser.cookies = program.cookies
    answers = await asyncio.gather(
        *(
            browser.upload(f"/room/{room}/gif", ("gif", gif_of_size(MIB - number), "a.gif"))
            for number, browser in enumerate(browsers)
        )
    )
    assert {answer.status for answer in answers} == {200}
    assert len(site.files()) == len(browsers)
    assert site.files() == files_of(*(answer.json for answer in answers))


async def test_fifty_uploads_of_one_image_while_the_room_is_deleted_leave_no_orphan(site: Site) -> None:
    owner, guests = site.program(), [site.program() for _ in range(50)]
    for guest in guests:
        guest.cookies = owner.cookies
    await owner.get("/")
    for uploads_first in (1, 5, 20, 45):
        room, other = await owner.new_room(), await owner.new_room()
        answered = asyncio.Event()
        count = 0

        async def send(
            guest: Browser, room: str, after: int = uploads_first, enough: asyncio.Event = answered
        ) -> Answer:
            nonlocal count
            answer = await guest.upload(f"/room/{room}/gif", GIF_PART)
            count += 1
            if count >= after:
                enough.set()
            return answer

        async def delete(doomed: str = room, enough: asyncio.Event = answered) -> Answer:
            await enough.wait()
            return await owner.ask("DELETE", f"/room/{doomed}")

        rooms = [other if number % 10 == 9 else room for number in range(50)]
        *answers, deleted = await asyncio.gather(*map(send, guests, rooms), delete())
        assert deleted.status == 200
        for answer, where in zip(answers, rooms, strict=True):
            assert answer.status == 200 or (where == room and answer.refusal == (404, "no_such_room"))
        records = await owner.chats(other)
        assert len(records) == 5
        assert len({record["gif"] for record in records}) == 1
        assert site.files() == files_of(*records)
        assert (await owner.ask("DELETE", f"/room/{other}")).status == 200
        assert site.files() == []


async def test_deleting_a_room_deletes_its_images(site: Site) -> None:
    program = site.program()
    room, other = await program.new_room(), await program.new_room()
    gone = (await program.upload(f"/room/{room}/gif", GIF_PART)).json
    shared, still = [
        (await program.upload(f"/room/{other}/gif", ("gif", encoded(name), ""))).json for name in ("GIF", "PNG")
    ]
    assert (await program.upload(f"/room/{room}/gif", ("gif", encoded("GIF"), ""))).json["gif"] == shared["gif"]
    assert site.files() == files_of(gone, shared, still)
    assert (await program.ask("DELETE", f"/room/{room}")).status == 200
    assert site.files() == files_of(shared, still)
    for name in files_of(gone):
        assert (await program.get(f"/gif/{name}")).refusal == (404, "not_found")
