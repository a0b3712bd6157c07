"""Behind a real nginx, configured as in the READMEs."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.certificate import Certificate, certificate
from tests.examples.blocks import blocks
from tests.free_ports import free_port
from tests.images import encoded
from tests.server import Visitor, assert_listens, running

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
DOCUMENTED, *TRANSLATED = blocks("nginx")

LARGE = encoded("PNG", size=(900, 700))  # above nginx's default limit for a body, 1 MiB
TOO_LARGE = b"GIF89a" + bytes(6 << 20)


class Proxy:
    """An nginx that serves gifchat over HTTPS."""

    def __init__(self, port: int, tls: Certificate) -> None:
        self.url = f"https://127.0.0.1:{port}"
        self.tls = tls
        self.visitor = Visitor(self.url)
        self.visitor.verify = str(tls.authority)
        self.visitor.headers["Accept"] = "application/json"
        self.visitor.headers["Origin"] = self.url

    @asynccontextmanager
    async def websocket(self, namespace: str, **headers: str) -> AsyncIterator[ClientConnection]:
        """Connect to a namespace as the visitor's page does."""
        sent = {"Cookie": await asyncio.to_thread(self.visitor.identity), "Origin": self.url}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.url.replace('https', 'wss')}/socket.io/?EIO=4&transport=websocket"
        async with connect(url, ssl=self.tls.trust, proxy=None, additional_headers=sent) as websocket:
            assert str(await websocket.recv()).startswith("0{")
            await websocket.send(f"40{namespace},")
            assert str(await websocket.recv()).startswith(f'40{namespace},{{"sid"')
            yield websocket


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        pytest.fail("these tests need nginx, and there is none: run them by 'make test'")
    folder = tmp_path_factory.mktemp("proxy")
    tls = certificate(folder)
    port = free_port()
    with running(folder / "data", "--trust-proxy") as server:
        configuration = DOCUMENTED.code
        for text, here in (
            ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
            ("/etc/ssl/gifchat.pem", str(tls.chain)),
            ("/etc/ssl/gifchat.key", str(tls.key)),
            ("http://127.0.0.1:8005;", f"{server.url};"),
        ):
            assert configuration.count(text) == 1, text
            configuration = configuration.replace(text, here)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr warn;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{configuration}}}\n"
        )
        with (folder / "nginx.log").open("w+b") as log:
            nginx = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"], stderr=log)
            try:
                assert_listens(nginx, port)
                yield Proxy(port, tls)
            finally:
                nginx.terminate()
                nginx.wait(60)
                log.seek(0)
                print(log.read().decode())


def test_every_document_shows_the_same_nginx_configuration() -> None:
    assert [DOCUMENTED.code] == [block.code for block in TRANSLATED]


def test_pages_redirects_and_the_cookie_work_behind_nginx(proxy: Proxy) -> None:
    reader = Visitor(proxy.url)
    reader.verify = str(proxy.tls.authority)
    page = reader.get("/")
    assert page.status_code == 200
    assert "; Secure" in page.headers["Set-Cookie"]
    made = reader.request("POST", "/room", data={"title": "방"}, headers={"Origin": proxy.url})
    assert (made.status_code, made.headers["Location"][:6]) == (302, "/room/")
    assert reader.get(made.headers["Location"]).status_code == 200
    nowhere = reader.get("/room/nowhere")
    assert (nowhere.status_code, nowhere.headers["Location"][:8]) == (302, "/?error=")
    reader.close()


def test_images_above_nginxs_default_limit_pass_and_gifchats_limit_applies(proxy: Proxy) -> None:
    assert len(LARGE) > 1 << 20
    room = proxy.visitor.room()
    sent = proxy.visitor.request("POST", f"/room/{room}/gif", files={"gif": ("고양이.png", LARGE)})
    assert sent.status_code == 200, sent.text
    image = proxy.visitor.get(f"/gif/{sent.json()['gif']}")
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/png")
    refused = proxy.visitor.request("POST", f"/room/{room}/gif", files={"gif": ("cat.gif", TOO_LARGE)})
    assert (refused.status_code, refused.json()["error"]) == (413, "gif_too_large")


async def test_the_lobby_works_by_websocket_behind_nginx(proxy: Proxy) -> None:
    async with proxy.websocket("/room") as websocket:
        room = await asyncio.to_thread(proxy.visitor.room, "웹소켓")
        async with asyncio.timeout(60):
            while room not in (heard := str(await websocket.recv())):
                pass
        assert heard.startswith('42/room,["newRoom"')


def test_the_lobby_works_by_polling_behind_nginx(proxy: Proxy) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    path += f"&sid={json.loads(proxy.visitor.get(path).text[1:])['sid']}"
    assert proxy.visitor.request("POST", path, data="40/room,").text == "ok"
    assert proxy.visitor.get(path).text.startswith('40/room,{"sid"')
    room = proxy.visitor.room("폴링")
    while room not in (heard := proxy.visitor.get(path).text):
        pass
    assert '42/room,["newRoom"' in heard


def test_server_sent_events_are_not_buffered_by_nginx(proxy: Proxy) -> None:
    with proxy.visitor.get("/lessons/events?every_ms=500", stream=True) as answer:
        lines = answer.iter_lines()
        while not next(lines).startswith(b"data:"):
            pass


async def test_a_client_cannot_forge_its_address_through_nginx(proxy: Proxy) -> None:
    forged = {"X_Real_IP": "192.168.77.1", "X_Forwarded_For": "192.168.77.1"}
    async with proxy.websocket("/room", **forged):
        assert proxy.visitor.json("GET", "/join")[1]["people"] == 0


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}],
)
def test_another_site_is_refused_behind_nginx(proxy: Proxy, headers: dict[str, str]) -> None:
    room = proxy.visitor.room()
    for path in (f"/room/{room}/chat", "/room"):
        refused = proxy.visitor.request("POST", path, json={"title": "방", "chat": "x"}, headers=headers)
        assert refused.status_code == 403
    assert proxy.visitor.get("/socket.io/?EIO=4&transport=polling", headers=headers).status_code == 403
