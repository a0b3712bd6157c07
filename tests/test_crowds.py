"""Many visitors behind one address, over the network and with the default limits: a class, and fresh cookies."""

import asyncio
import json
import re
from collections import Counter

from tests.client import Site, StartSite, start_site
from tests.crash.wire import Socket

__all__ = ["start_site"]

CLASS = 35


async def enter(site: Site, room: str, password: str) -> Socket:
    """Come as a pupil at the bell does: the lobby, the room's page, a socket, the join, a first word."""
    pupil = site.browser()
    assert (await pupil.get("/")).status == 200
    entered = await pupil.post(f"/room/{room}/enter", {"password": password})
    assert (entered.status, entered.headers["Location"]) == (302, f"/room/{room}")
    assert (await pupil.get(f"/room/{room}")).status == 200
    socket = await Socket.open(site.port, pupil.identity, lambda *_: None)
    joined = await socket.ask("join", {"room": room})
    assert joined["ok"], joined
    said = await socket.ask("chat", {"room": room, "chat": "안녕하세요"})
    assert said["ok"], said
    return socket


async def test_a_class_behind_one_address_enters_at_once(start_site: StartSite) -> None:
    """Thirty-five newcomers at the same time, in a room with a password, and nobody is refused anything."""
    site = await start_site("--rate", "5")
    teacher = site.program()
    room = await teacher.new_room(max=40, password="열려라")
    sockets = await asyncio.gather(*(enter(site, room, "열려라") for _ in range(CLASS)))
    answer = await teacher.get("/")
    rooms = answer.json["rooms"]
    assert isinstance(rooms, list) and rooms[0]["members"] == CLASS
    made = await asyncio.gather(*(site.program().post("/room", json_body={"title": "방"}) for _ in range(CLASS)))
    assert Counter(answer.status for answer in made) == {201: CLASS}
    limited = re.findall(r"^gifchat_limited_total{.* (\S+)$", (await teacher.get("/metrics")).text, re.MULTILINE)
    assert len(limited) > 10 and set(limited) == {"0.0"}
    for socket in sockets:
        await socket.close()


async def test_fresh_cookies_are_stopped_and_others_go_on(start_site: StartSite) -> None:
    """The pools are a small class's, so that it takes less. The teacher was there before, and somebody is elsewhere."""
    site = await start_site("--rate", "5", "--per-address", "10")
    elsewhere, teacher = site.program(), site.program()
    elsewhere._client.defaults["network_interface"] = "127.0.0.2"
    room = await elsewhere.new_room()
    assert (await teacher.get(f"/room/{room}")).status == 200
    assert (await teacher.post(f"/room/{room}/chat", {"chat": "안녕하세요"})).status == 200
    made = 0
    while (answer := await site.program().post("/room", json_body={"title": "x"})).status == 201:
        made += 1  # of the twenty of ten people, five are reserved; a slow machine gives some time to come back
    assert made >= 14
    assert answer.refusal == (429, "too_fast")
    assert (await teacher.post("/room", json_body={"title": "x"})).status == 201
    assert (await elsewhere.post("/room", json_body={"title": "x"})).status == 201
    limited = (await teacher.get("/metrics")).text
    assert 'gifchat_limited_total{limit="rooms",of="address"} 1.0' in limited


async def test_wrong_guesses_by_one_shut_nobody_else_out(start_site: StartSite) -> None:
    site = await start_site("--rate", "5")
    room = await site.program().new_room(password="열려라")
    guesser = site.program()
    guesses = [(await guesser.post(f"/room/{room}/enter", {"password": f"{n}"})).refusal[1] for n in range(14)]
    assert guesses[:5] == ["wrong_password"] * 5 and "too_fast" in guesses
    for _ in range(5):
        assert (await site.browser().post(f"/room/{room}/enter", {"password": "열려라"})).status == 302


async def test_a_refused_handshake_says_how_long_to_wait(start_site: StartSite) -> None:
    site = await start_site("--rate", "5", "--per-address", "1")
    opened = 0
    while (answer := await site.program().get("/socket.io/?EIO=4&transport=polling")).status == 200:
        opened += 1
    assert opened >= 3
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 2
    assert json.loads(answer.body)["error"] == "too_fast"


async def test_a_refused_namespace_says_how_long_to_wait(start_site: StartSite) -> None:
    site = await start_site("--rate", "5", "--per-address", "1")
    visitor = site.program()
    opened = await visitor.get("/socket.io/?EIO=4&transport=polling")
    path = f"/socket.io/?EIO=4&transport=polling&sid={json.loads(opened.text[1:])['sid']}"
    packets = ""
    while "44/chat," not in packets:
        assert (await visitor.ask("POST", path, "40/chat,")).status == 200
        packets = (await visitor.get(path)).text
        if packets.startswith("40"):
            assert (await visitor.ask("POST", path, "41/chat,")).status == 200
    refused = json.loads(packets.partition("44/chat,")[2].partition("\x1e")[0])
    assert refused["data"]["error"] == "too_fast"
    assert refused["data"]["retry_after"] > 0
