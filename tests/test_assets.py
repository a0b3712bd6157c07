"""Static files, which are sent without a handler, and compression."""

import gzip
import json
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse

from handlers.encoding import Ending, accepts
from handlers.headers import FIXED_HEADERS
from handlers.resources import CLIENT, STATIC, bundled, fingerprint
from tests.client import Site, StartSite, site, start_site

__all__ = ["site", "start_site"]

LASTING = f"/static/{fingerprint(STATIC)}"
SCRIPT = f"{LASTING}/js/room.js"


@pytest.fixture
def ask(site: Site) -> Iterator["Ask"]:
    client = AsyncHTTPClient(force_instance=True)
    yield Ask(site, client)
    client.close()


class Ask:
    """Sends requests and returns the answers without decompressing them."""

    def __init__(self, site: Site, client: AsyncHTTPClient) -> None:
        self._site = site
        self._client = client

    async def __call__(self, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = HTTPRequest(
            self._site.url + path, method, named, decompress_response=False, allow_nonstandard_methods=True
        )
        return await self._client.fetch(request, raise_error=False)


@pytest.mark.parametrize(
    ("header", "br", "gzipped"),
    [
        ("", False, False),
        ("gzip", False, True),
        ("gzip, deflate, br, zstd", True, True),
        ("GZIP;q=0.5", False, True),
        ("gzip;q=0", False, False),
        ("gzip; q=0.0, br", True, False),
        ("*", True, True),
        ("*;q=0", False, False),
        ("gzip;q=0, *", True, False),
        ("identity", False, False),
        ("gzip;q=nonsense", False, False),
        (";;,,=", False, False),
    ],
)
def test_accept_encoding_is_parsed(header: str, br: bool, gzipped: bool) -> None:
    takes = accepts(header)
    assert (takes("br"), takes("gzip")) == (br, gzipped)


@pytest.mark.parametrize("beginning", [b"", "시작 ".encode(), b"a" * 70_000])
@pytest.mark.parametrize("ending", [b"", "끝 ".encode(), bytes(range(256)) * 300])
def test_an_ending_is_compressed_once_for_bodies_that_begin_differently(beginning: bytes, ending: bytes) -> None:
    once = Ending(ending)
    for body in (beginning + ending, b"again" + beginning + ending):
        packed = once.compressed_after(body[: len(body) - len(ending)])
        assert gzip.decompress(packed) == zlib.decompress(packed, zlib.MAX_WBITS | 16) == body  # one member


async def test_a_file_is_served_plain_or_compressed(ask: Ask) -> None:
    content = (STATIC / "js" / "room.js").read_bytes()
    plain = await ask(SCRIPT)
    smaller = await ask(SCRIPT, Accept_Encoding="gzip")
    assert plain.body == gzip.decompress(smaller.body) == content
    assert len(smaller.body) < len(content) / 2
    for answer in (plain, smaller):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert answer.headers.items() >= FIXED_HEADERS.items()
        assert "Date" in answer.headers and "Server" not in answer.headers and "Set-Cookie" not in answer.headers
    assert "Content-Encoding" not in plain.headers
    assert smaller.headers["Content-Encoding"] == "gzip"
    assert plain.headers["Etag"] != smaller.headers["Etag"]


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_head_is_answered_with_the_headers_only(ask: Ask, encoding: str) -> None:
    whole = await ask(SCRIPT, Accept_Encoding=encoding)
    head = await ask(SCRIPT, "HEAD", Accept_Encoding=encoding)
    assert (head.code, head.body) == (200, b"")
    assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_a_file_the_browser_has_is_not_sent_again(ask: Ask, encoding: str) -> None:
    etag = (await ask(SCRIPT, Accept_Encoding=encoding)).headers["Etag"]
    for named in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await ask(SCRIPT, Accept_Encoding=encoding, If_None_Match=named)
        assert (again.code, again.body, again.headers["Etag"]) == (304, b"", etag)
        assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Content-Encoding" not in again.headers
    for other in ('"other"', etag[:-2] + '"', "nonsense"):
        assert (await ask(SCRIPT, Accept_Encoding=encoding, If_None_Match=other)).code == 200


async def test_a_range_is_a_part_of_the_uncompressed_file(ask: Ask) -> None:
    content = (STATIC / "js" / "room.js").read_bytes()
    whole = await ask(SCRIPT, Accept_Encoding="gzip")
    part = await ask(SCRIPT, Accept_Encoding="gzip", Range="bytes=2-5")
    assert (part.code, part.body, part.headers["Content-Range"]) == (206, content[2:6], f"bytes 2-5/{len(content)}")
    assert part.headers["Etag"] == (await ask(SCRIPT)).headers["Etag"]
    assert part.headers["Vary"] == "Accept-Encoding"
    assert (await ask(SCRIPT, Range="bytes=99999999-")).code == 416
    # Begun compressed, it must not go on with bytes of the file.
    on = await ask(SCRIPT, Accept_Encoding="gzip", Range="bytes=2-5", If_Range=whole.headers["Etag"])
    assert (on.code, on.body) == (200, whole.body)


async def test_unusual_requests_for_files_are_left_to_the_routes(ask: Ask) -> None:
    since = (await ask(SCRIPT)).headers["Last-Modified"]
    assert (await ask(SCRIPT, If_Modified_Since=since)).code == 304
    assert (await ask(SCRIPT, "POST")).code == 405
    for path in ("js/none.js", "js", "js/", "js/../../gifchat.py", ".", "", "%6as/x.js"):
        answer = await ask(f"{LASTING}/{path}", Accept="application/json")
        assert (answer.code, b'"not_found"' in answer.body) == (404, True), path
        assert answer.headers["Cache-Control"] == "no-store"


async def test_an_image_is_not_compressed(ask: Ask) -> None:
    path = next((STATIC / "shelf").glob("*.gif"))
    answer = await ask(f"{LASTING}/shelf/{path.name}", Accept_Encoding="gzip, br")
    assert (answer.body, answer.headers["Content-Type"]) == (path.read_bytes(), "image/gif")
    assert "Content-Encoding" not in answer.headers and "Vary" not in answer.headers


async def test_a_fragment_is_kept_as_long_as_its_address_holds(site: Site, ask: Ask) -> None:
    page = (await site.browser(Accept_Language="en").get("/")).text
    (prefix,) = re.findall(r'data-fragments="([^"]+)"', page)
    script = await ask(f"{prefix}/lobby.js")
    assert f'<script src="{prefix}/lobby.js" defer></script>' in page
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert b'id=\\"password-dialog\\"' in script.body
    fragment = await ask(f"{prefix}/lobby.html", Accept_Encoding="gzip")
    assert fragment.headers["Content-Encoding"] == "gzip"
    assert fragment.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert fragment.headers["Vary"] == "Accept-Encoding"
    assert 'id="password-dialog"' in gzip.decompress(fragment.body).decode()
    # The route of the same address, which the server falls back on.
    same = await ask(f"{prefix}/lobby.html", Accept_Encoding="gzip", Range="bytes=0-3")
    assert (same.code, gzip.decompress(same.body)) == (200, gzip.decompress(fragment.body))
    assert same.headers["Cache-Control"] == fragment.headers["Cache-Control"]
    for wrong in (prefix.replace("/en", "/fr"), f"/fragments/{'0' * 12}/en", f"{prefix}/../../en"):
        assert (await ask(f"{wrong}/lobby.html")).code == 404
    assert (await ask(f"{prefix}/none.html")).code == 404


async def test_the_client_is_served_compressed(ask: Ask) -> None:
    answer = await ask("/socket.io/socket.io.js?v=1", Accept_Encoding="gzip")
    assert gzip.decompress(answer.body) == (CLIENT / "socket.io.js").read_bytes()
    assert len(answer.body) < 40_000
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_pages_and_json_are_served_compressed(site: Site, ask: Ask) -> None:
    await site.program().new_room("방" * 60)
    for accept in ("text/html", "application/json"):
        plain = await ask("/", Accept=accept)
        smaller = await ask("/", Accept=accept, Accept_Encoding="gzip, deflate, br")
        long = len(plain.body) >= 1024
        assert ("Content-Encoding" in smaller.headers) == long
        assert "Accept-Encoding" in smaller.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
        if long:
            assert gzip.decompress(smaller.body)[:500] == plain.body[:500]
            assert len(smaller.body) < len(plain.body) * 0.6
    for _ in range(10):
        await site.program().new_room("방" * 60)
    many = await ask("/", Accept="application/json", Accept_Encoding="gzip")
    assert many.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(many.body) == (await ask("/", Accept="application/json")).body


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_the_lobby_is_sent_again_only_when_it_changed(site: Site, ask: Ask, accept: str) -> None:
    program = site.program()
    for title in ("첫째", "둘째"):
        await program.new_room(title)
        told = {"Accept": accept, "Cookie": program.identity}
        plain, smaller = await ask("/", **told), await ask("/", **told, Accept_Encoding="gzip")
        assert title in plain.body.decode()
        assert len({answer.headers["Etag"] for answer in (plain, smaller)}) == len({plain.body, smaller.body})
        for answer, encoding in ((plain, ""), (smaller, "gzip")):
            etag = answer.headers["Etag"]
            assert (await ask("/", **told, Accept_Encoding=encoding, If_None_Match=etag)).code == 304
        await program.new_room("eine andere")
        assert (await ask("/", **told, If_None_Match=plain.headers["Etag"])).code == 200
    another, own = await ask("/", Accept=accept), await ask("/", **told)
    assert (another.headers["Etag"] == own.headers["Etag"]) == (accept == "application/json")
    assert (await ask("/", "HEAD", **told)).body == b""


async def test_the_answers_of_lessons_are_not_compressed(ask: Ask) -> None:
    answer = await ask("/lessons/poll?bytes=8192&every_ms=500&after=0&wait=1", Accept_Encoding="gzip")
    assert len(answer.body) > 8192 and "Content-Encoding" not in answer.headers


# --- the bundle


def test_the_bundle_is_built() -> None:
    """`make setup` builds it; the tests below use it."""
    assert bundled(), "there is no bundle of these sources: build it with node tools/bundle/build.js"
    named = {
        name
        for template in (STATIC.parent / "templates").rglob("*.html")
        for name in re.findall(r'asset\("(js/[^"]+)"\)', template.read_text("utf-8"))
    }
    assert named and named <= set(bundled())


async def test_a_page_loads_one_script_and_one_style_sheet_of_the_bundle(site: Site, ask: Ask) -> None:
    program = site.browser()
    room = await site.program().new_room()
    for path in ("/", "/room", f"/room/{room}", "/join", "/lessons"):
        page = (await program.get(path)).text
        (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        (script,) = re.findall(r'<script src="(/static/[^"]+)"', page)
        for address in (style, script):
            assert address.startswith(f"{LASTING}/bundle/")
            file = STATIC / address.removeprefix(f"{LASTING}/")
            by_gzip = await ask(address, Accept_Encoding="gzip, deflate")
            by_brotli = await ask(address, Accept_Encoding="gzip, deflate, br")
            assert by_gzip.body == file.with_name(f"{file.name}.gz").read_bytes()
            assert by_brotli.body == file.with_name(f"{file.name}.br").read_bytes()
            assert gzip.decompress(by_gzip.body) == file.read_bytes()
            assert by_brotli.headers["Content-Encoding"] == "br"
            assert len({by_gzip.headers["Etag"], by_brotli.headers["Etag"]}) == 2


async def test_source_maps_lead_to_our_sources(site: Site) -> None:
    browser = site.browser()
    address = f"{LASTING}/{bundled()['js/lobby.js']}"
    script = await browser.get(address)
    source_map = re.search(r"//# sourceMappingURL=(\S+)", script.text)
    assert source_map
    answer = await browser.get(f"{address.rpartition('/')[0]}/{source_map[1]}")
    mapped = json.loads(answer.body)
    sources = dict(zip(mapped["sources"], mapped["sourcesContent"], strict=True))
    assert sources["../js/lobby/feed.js"] == (STATIC / "js" / "lobby" / "feed.js").read_text("utf-8")


def test_a_bundle_of_outdated_sources_is_not_used(tmp_path: Path) -> None:
    for folder in ("css", "js", "bundle"):
        shutil.copytree(STATIC / folder, tmp_path / folder)
    assert bundled(tmp_path) == bundled()
    (tmp_path / "js" / "lobby.js").write_text("// changed", "utf-8")
    fingerprint.cache_clear()
    assert bundled(tmp_path) == {}
    shutil.rmtree(tmp_path / "bundle")
    assert bundled(tmp_path) == {}


async def test_with_debug_the_modules_themselves_are_loaded(start_site: StartSite) -> None:
    site = await start_site("--debug")
    page = (await site.browser().get("/")).text
    fragment = await site.browser().get("/fragments/debug/ko/lobby.html")
    assert (fragment.status, fragment.headers["Cache-Control"]) == (200, "no-cache")
    assert re.findall(r'(?:href|src)="(/static/(?:js|css)/[^"]+)"', page) == [
        "/static/css/pages/lobby.css",
        "/static/js/lobby.js",
    ]
