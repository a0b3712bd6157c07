import re
from ipaddress import ip_address

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

import lan.addresses
from lan import qr
from lan.ranking import Interface
from tests.client import Browser, Site, StartSite, site, start_site

__all__ = ["site", "start_site"]


@pytest.fixture
def two_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this machine is on Wi-Fi and Ethernet."""
    there = [
        Interface(name, ip_address(address))
        for name, address in (("lo", "127.0.0.1"), ("enp3s0", "10.20.30.40"), ("wlp2s0", "192.168.0.12"))
    ]
    monkeypatch.setattr(lan.addresses, "interfaces", lambda: there)
    monkeypatch.setattr(lan.addresses, "outward", lambda family: None)


async def arrive(site: Site, browser: Browser, namespace: str, address: str | None) -> WebSocketClientConnection:
    """Connect the browser's visitor to a namespace, from another machine if `address` is given."""
    await browser.get("/")
    headers = {"Cookie": browser.identity}
    if address is not None:
        headers["X-Forwarded-For"] = address
    url = f"ws://127.0.0.1:{site.port}/socket.io/?EIO=4&transport=websocket"
    connection = await websocket_connect(HTTPRequest(url, headers=headers))
    await connection.read_message()
    await connection.write_message(f"40{namespace},")
    assert str(await connection.read_message()).startswith(f"40{namespace},")
    return connection


async def people(browser: Browser) -> object:
    return (await browser.get("/join")).json["people"]


async def test_join_lists_the_addresses_the_likeliest_first(start_site: StartSite, two_networks: None) -> None:
    site = await start_site("--host", "0.0.0.0")
    answer = await site.program().get("/join")
    assert answer.json == {
        "addresses": [
            {"url": f"http://192.168.0.12:{site.port}", "interface": "wlp2s0", "local": False},
            {"url": f"http://10.20.30.40:{site.port}", "interface": "enp3s0", "local": False},
            {"url": f"http://127.0.0.1:{site.port}", "interface": "lo", "local": True},
        ],
        "people": 0,
    }


async def test_the_join_page_shows_the_first_address_and_links_to_the_others(
    start_site: StartSite, two_networks: None
) -> None:
    site = await start_site("--host", "0.0.0.0")
    page = (await site.browser().get("/join")).text
    first, other = f"http://192.168.0.12:{site.port}", f"http://10.20.30.40:{site.port}"
    assert f'data-url="{first}"' in page
    assert "join-code" in page
    assert f">{other}</a>" in page
    words = page.replace(f'data-all="{first} {other} http://127.0.0.1:{site.port}"', "")
    (notice,) = re.findall(r'<p id="lost".*?</p>', words, re.DOTALL)
    assert f'<a href="http://127.0.0.1:{site.port}/join">' in notice
    assert " hidden>" in notice
    assert "127.0.0.1:" not in words.replace(notice, "")  # other machines cannot open that
    page = (await site.browser().get(f"/join?url={other}")).text
    assert f'data-url="{other}"' in page
    assert f">{first}</a>" in page


async def test_the_join_page_shows_only_our_own_addresses(start_site: StartSite, two_networks: None) -> None:
    site = await start_site("--host", "0.0.0.0")
    page = (await site.browser().get("/join?url=http://elsewhere.example")).text
    assert "elsewhere" not in page


@pytest.mark.parametrize(("language", "message"), [("ko", "이 컴퓨터에서만"), ("en", "Only this computer")])
async def test_on_loopback_the_join_page_says_so_and_shows_no_qr_code(site: Site, language: str, message: str) -> None:
    page = (await site.browser(Accept_Language=language).get("/join")).text
    assert message in page
    assert f'data-url="http://127.0.0.1:{site.port}"' in page
    assert "join-code" not in page
    assert "<code>--host 127.0.0.1</code>" in page


async def test_join_counts_visitors_connected_from_other_machines(start_site: StartSite) -> None:
    site = await start_site("--trust-proxy")
    host, first, second = site.program(), site.program(), site.program()
    connections = [await arrive(site, host, "/room", None)]
    assert await people(host) == 0
    connections.append(await arrive(site, first, "/room", "192.168.77.1"))
    connections.append(await arrive(site, first, "/chat", "192.168.77.1"))  # a second tab
    assert await people(host) == 1
    connections.append(await arrive(site, second, "/room", "192.168.77.2"))
    assert await people(host) == 2
    connections[-1].close()
    while await people(host) != 1:  # it has been updated
        pass
    for connection in connections:
        connection.close()


async def test_the_lobby_links_to_the_join_page(site: Site) -> None:
    assert 'href="/join"' in (await site.browser().get("/")).text


async def share(site: Site, browser: Browser, room: str, host: str) -> dict[str, object]:
    return (await browser.get(f"/room/{room}/share", {"Host": f"{host}:{site.port}"})).json


async def test_a_room_has_an_address_for_others(start_site: StartSite, two_networks: None) -> None:
    site = await start_site("--host", "0.0.0.0")
    owner = site.browser()
    room = await owner.new_room()
    # What it was opened by, or else the likeliest one that is not this machine's alone.
    hosts = {"10.20.30.40": "10.20.30.40", "class.local": "class.local", "localhost": "192.168.0.12"}
    for host, shown in (hosts | {f"{'x' * 60}.{'x' * 60}.local": "192.168.0.12"}).items():
        url = f"http://{shown}:{site.port}/room/{room}"
        assert await share(site, owner, room, host) == {"url": url, "code": qr.image(url), "local": False}
    # Whoever opens the page of a room with a password would only be told that theirs is wrong.
    locked = await owner.new_room(password="비밀")
    assert (await share(site, owner, locked, "class.local"))["url"] == f"http://class.local:{site.port}/#{locked}"
    assert (await site.program().get(f"/room/{room}/share")).refusal == (403, "not_admitted")


async def test_on_loopback_a_room_has_no_address_for_others(site: Site) -> None:
    owner = site.browser()
    room = await owner.new_room()
    assert (await share(site, owner, room, "localhost"))["local"] is True
