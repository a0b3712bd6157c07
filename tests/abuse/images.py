"""Files that are no images, or more than images, and uploads that go wrong."""

import asyncio
import io
import struct
import zipfile
import zlib

from tests.abuse.kinds import kind
from tests.abuse.target import Target
from tests.client import GIF, Browser, multipart
from tests.images import encoded, gif_extension, gif_of, png_chunk, webp_chunk, webp_of, with_extra
from tests.odd_images import ALL
from tests.server import uploads

SCRIPT = b"<!doctype html><script>alert(1)</script>"
PNG = b"\x89PNG\r\n\x1a\n"
REFUSED = (400, 413, 415, 429)
MOST_MIB = 300.0
PACE_S = 0.25  # for the rate of images, so that each is looked at


async def _send(browser: Browser, room: str, data: bytes, name: str = "a.gif") -> int:
    """Upload a file, again while it is too fast; return the status."""
    while True:
        answer = await browser.upload(f"/room/{room}/gif", ("gif", data, name))
        if answer.status != 429:
            return answer.status
        await asyncio.sleep(PACE_S)


def _png(width: int, height: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IEND", b"")


@kind("small files that are large images", expected="image took longer|crashed with an image")
async def bombs(target: Target) -> None:
    """None is drawn: the sizes that they claim are checked first, and the data that they inflate to are counted."""
    browser = target.browser()
    room = await browser.new_room()
    inflating = zlib.compress(bytes(200_000_000), 9)
    for data in (
        gif_of(1, 65_535, 65_535),
        gif_of(60_000, 1, 1),
        gif_of(1_000, 4_000, 4_000),
        _png(50_000, 50_000, png_chunk(b"IDAT", inflating)),
        _png(100, 100, png_chunk(b"IDAT", inflating)),
        _png(100, 100, png_chunk(b"iCCP", b"a\0\0" + inflating), png_chunk(b"IDAT", zlib.compress(bytes(30_100)))),
        _png(100, 100, png_chunk(b"acTL", struct.pack(">II", 1 << 31, 0)), png_chunk(b"IDAT", inflating)),
        webp_of(webp_chunk(b"VP8X", b"\x02\0\0\0" + b"\xff" * 6)),
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9",
    ):
        status = await _send(browser, room, data)
        assert status in (*REFUSED, 200), status
    assert not [name for name in uploads(target.server.data) if name.endswith(".part")]
    browser.close()
    assert target.peak_mib() < MOST_MIB, f"{target.peak_mib():.0f} MiB"


@kind("images that are something else as well")
async def polyglots(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("evil.js", "alert(1)")
    extra = archive.getvalue() + SCRIPT
    for data in (
        with_extra(GIF, gif_extension(0xFE, SCRIPT)),
        with_extra(encoded("PNG"), png_chunk(b"tEXt", b"a\0" + SCRIPT)),
        *(encoded(name) + extra for name in ("GIF", "PNG", "WEBP", "JPEG")),
    ):
        assert await _send(browser, room, data, "a.html") == 200
    for name in uploads(target.server.data):
        stored = (target.server.data / "uploads" / name).read_bytes()
        assert SCRIPT not in stored and not zipfile.is_zipfile(io.BytesIO(stored)), name
        shown = await browser.get(f"/gif/{name.rpartition('/')[2]}")
        assert shown.status == 200 and shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Type"].startswith("image/")
        assert "sandbox" in shown.headers["Content-Security-Policy"]
    browser.close()


@kind("files that are no images")
async def no_images(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for name in ("a.gif", "a.svg", "../../secret.key", "a\0.gif", "x" * 5_000, "/etc/passwd"):
        for data in (SCRIPT, svg, b"%PDF-1.7\n", b"PK\x03\x04" + bytes(100), bytes(1_000), b"GIF89a"):
            assert await _send(browser, room, data, name) in REFUSED
    assert uploads(target.server.data) == []
    browser.close()


@kind("images cut anywhere, and odd ones")
async def cut_images(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    files = [encoded(name, frames=2) for name in ("GIF", "PNG", "WEBP")] + [encoded("JPEG")]
    cut = [data[: len(data) * part // 5] for data in files for part in range(1, 5)]
    for data in cut + [odd.data for odd in list(ALL.values())[::10]]:
        assert await _send(browser, room, data) in (*REFUSED, 200)
    assert not [name for name in uploads(target.server.data) if name.endswith(".part")]
    browser.close()


@kind("bodies cut anywhere")
async def cut_bodies(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    body = multipart("x", ("nonce", b"n", None), ("gif", GIF, "a.gif"))
    kind_of = "Content-Type: multipart/form-data; boundary=x"
    whole = target.request("POST", f"/room/{room}/gif", kind_of, f"Cookie: {browser.identity}", body=body)
    for at in range(len(whole) - len(body), len(whole) - 1, 37):
        async with target.connection() as raw:
            raw.send(whole[:at])
            await raw.sent()
    while uploads(target.server.data):
        await asyncio.sleep(0.1)
    browser.close()


@kind("forms of a thousand parts, or with an endless head")
async def odd_forms(target: Target) -> None:
    browser = target.browser()
    room = await browser.new_room()
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    for body in (part * 1_000 + b"--x--\r\n", b"--x\r\nX: " + b"y" * 500_000, b"-" * 500_000, (b"--x\r\n" * 100_000)):
        for _ in range(5):
            answer = await browser.ask(
                "POST", f"/room/{room}/gif", body, {"Content-Type": "multipart/form-data; boundary=x"}
            )
            assert answer.status in REFUSED, answer.body
    browser.close()


@kind("30 people upload at once")
async def many_uploads(target: Target) -> None:
    owner = target.browser()
    room = await owner.new_room(max=100)
    people = [target.browser() for _ in range(30)]
    for person in people:
        await person.get(f"/room/{room}")
    await asyncio.gather(*(_send(person, room, encoded("GIF", frames=10, size=(100, 100))) for person in people))
    for person in (owner, *people):
        person.close()
