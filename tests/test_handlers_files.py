"""Static files and images, and their caching."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from handlers.resources import CLIENT, STATIC, fingerprint
from tests.client import GIF, GIF_PART, Site, StartSite, site, start_site
from tests.images import SIZE

__all__ = ["site", "start_site"]

TYPES = {
    "socket.io.js": "text/javascript; charset=utf-8",
    "socket.io.min.js": "text/javascript; charset=utf-8",
    "socket.io.esm.min.js": "text/javascript; charset=utf-8",
    "socket.io.js.map": "application/json",
    "socket.io.min.js.map": "application/json",
    "socket.io.esm.min.js.map": "application/json",
}


@pytest.mark.parametrize("name", TYPES)
async def test_the_official_client_is_served(site: Site, name: str) -> None:
    answer = await site.browser().get(f"/socket.io/{name}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, TYPES[name])
    assert answer.body == (CLIENT / name).read_bytes()
    assert answer.headers["Cache-Control"] == "no-cache"
    again = await site.browser().get(f"/socket.io/{name}", {"If-None-Match": answer.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("name", ["socket.io.msgpack.min.js", "package.json", "../package.json", "..%2fpackage.json"])
async def test_no_other_file_of_the_client_package_is_served(site: Site, name: str) -> None:
    assert (await site.program().get(f"/socket.io/{name}")).refusal == (404, "not_found")


async def test_static_files_are_revalidated(site: Site) -> None:
    for path in [path for path in STATIC.rglob("*") if path.is_file()]:
        url = f"/static/{path.relative_to(STATIC)}"
        answer = await site.browser().get(f"{url}?v=1")
        assert (answer.status, answer.body) == (200, path.read_bytes())
        assert answer.headers["Content-Type"] != "application/octet-stream", path
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Expires" not in answer.headers and "Vary" not in answer.headers
        again = await site.browser().get(
            f"/static/{path.relative_to(STATIC)}", {"If-None-Match": answer.headers["Etag"]}
        )
        assert again.status == 304


async def test_pages_link_to_cacheable_static_addresses(site: Site) -> None:
    page = await site.browser().get("/")
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(addresses) > 2
    for address in addresses:
        kept = await site.browser().get(address)
        assert (kept.status, kept.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        asked_for = await site.browser().get(f"/static/{address.split('/', 3)[3]}")
        assert kept.body == asked_for.body
    assert (await site.program().get(f"/static/{'0' * 12}/css/base.css")).refusal == (404, "not_found")


async def test_with_debug_pages_link_to_the_unversioned_files(start_site: StartSite) -> None:
    page = await (await start_site("--debug")).browser().get("/")
    assert re.findall(r'src="(/static/js/[^"]+)"', page.text) == ["/static/js/lobby.js"]


def test_the_static_address_changes_when_a_file_changes(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("same", "copy", "content", "name", "empty")]
    for folder in folders:
        (folder / "js").mkdir(parents=True)
    for folder in folders[:3]:
        (folder / "js" / "a.js").write_text("b" if folder.name == "content" else "a")
    (folders[3] / "js" / "b.js").write_text("a")
    same, copy, *others = map(fingerprint, folders)
    assert same == copy
    assert len({same, *others}) == 4


@pytest.mark.parametrize(
    "path", ["css", "css/", "../gifchat.py", "..%2fgifchat.py", "%2e%2e/gifchat.py", "/etc/passwd", "css/x%00.css", "."]
)
async def test_nothing_outside_the_static_folder_is_served(site: Site, path: str) -> None:
    assert (await site.program().get(f"/static/{path}")).refusal == (404, "not_found")


async def test_favicon_ico_is_served(site: Site) -> None:
    answer = await site.browser().get("/favicon.ico")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")


async def sent(site: Site) -> dict[str, object]:
    """Send an image and return its record."""
    program = site.program()
    room = await program.new_room()
    return (await program.upload(f"/room/{room}/gif", GIF_PART)).json


async def image(site: Site) -> str:
    """Send an image and return its name."""
    return str((await sent(site))["gif"])


async def test_an_image_is_cacheable_for_ever_and_sandboxed(site: Site) -> None:
    name = await image(site)
    answer = await site.browser().get(f"/gif/{name}")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, GIF, "image/gif")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers
    again = await site.browser().get(f"/gif/{name}", {"If-None-Match": answer.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")
    headed = await site.browser().ask("HEAD", f"/gif/{name}")
    assert (headed.status, headed.body, headed.headers["Content-Length"]) == (200, b"", str(len(GIF)))


async def test_a_poster_is_served_like_its_image(site: Site) -> None:
    record = await sent(site)
    of_image = await site.browser().get(f"/gif/{record['gif']}")
    poster = await site.browser().get(f"/gif/{record['poster']}")
    assert (poster.status, poster.headers["Content-Type"]) == (200, "image/webp")
    assert poster.body == (site.data / "uploads" / str(record["poster"])).read_bytes()
    with Image.open(io.BytesIO(poster.body)) as still:
        assert (still.format, still.size, getattr(still, "n_frames", 1)) == ("WEBP", SIZE, 1)
    for header in (
        "Cache-Control",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Cross-Origin-Resource-Policy",
    ):
        assert poster.headers[header] == of_image.headers[header]
    assert poster.headers["Etag"] != of_image.headers["Etag"]
    again = await site.browser().get(f"/gif/{record['poster']}", {"If-None-Match": poster.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")
    part = await site.browser().get(f"/gif/{record['poster']}", {"Range": "bytes=0-3"})
    assert (part.status, part.body) == (206, b"RIFF")


@pytest.mark.parametrize(
    ("asked", "status", "found"),
    [
        ("bytes=0-9", 206, GIF[:10]),
        ("bytes=10-", 206, GIF[10:]),
        ("bytes=-5", 206, GIF[-5:]),
        ("bytes=0-999999", 200, GIF),
        ("bytes=999999-", 416, b""),
        ("nonsense", 200, GIF),
    ],
)
async def test_an_image_is_served_in_ranges(site: Site, asked: str, status: int, found: bytes) -> None:
    answer = await site.browser().get(f"/gif/{await image(site)}", {"Range": asked})
    assert (answer.status, answer.body) == (status, found)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "x.gif", f"{'0' * 32}.gif", f"{'0' * 32}.svg", f"{'0' * 32}.part", f"{'A' * 32}.gif"]
    + ["../gifchat.db", "..%2fgifchat.db", "..%5cgifchat.db", "..%2f..%2fsecret.key", f"{'0' * 32}.gif%00", "%00"]
    + [f"{'0' * 32}.gif%0d%0aX:y", f"%e2%80%ae{'0' * 32}.gif", f"{'0' * 32}.gif/", f"{'0' * 32}.gif%0a"],
)
async def test_a_name_that_is_not_an_image_of_ours_is_not_found(site: Site, name: str) -> None:
    assert (await site.program().get(f"/gif/{name}")).refusal == (404, "not_found")


async def test_only_the_exact_name_of_an_image_is_found(site: Site) -> None:
    name = await image(site)
    stem, _, extension = name.partition(".")
    wrong = [f"{name}x", f"x{name}", f"{stem.upper()}.{extension}", f"{stem}.{extension.upper()}", f"{stem}.png", stem]
    wrong += [f"./{name}", f"{name}/", f"/{name}", f"../gif/{name}", f"..%2fgif%2f{name}", f"x/../{name}", f"{name}%00"]
    wrong += [f"{name}%0d%0a", f"%e2%80%ae{name}", f"{name}%e2%80%ae", f"{name};", f"{name}%20", f"{name}%2e"]
    wrong += [f"%2f{name}", f"%{ord(name[0]):02x}{name[1:]}", name.replace(".", "%2e")]
    wrong += [f"{stem}.poster.gif", f"{stem}.poster", f"{stem}.poster.webp.webp", f"{stem}.part", f"{stem}.poster.part"]
    for path in wrong:
        if path != name:
            assert (await site.program().get(f"/gif/{path}")).refusal == (404, "not_found"), path


async def test_an_image_deleted_during_its_request_is_not_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    name = await image(site)
    uploads = site.data / "uploads"
    real = "tornado.web.StaticFileHandler.get_content_size"

    def gone(handler: object) -> int:
        for path in Path(uploads).iterdir():
            path.unlink()
        return len(GIF)

    monkeypatch.setattr(real, gone)
    assert (await site.program().get(f"/gif/{name}")).refusal == (404, "not_found")
