"""An access point restarts, a laptop sleeps, the server stalls: a lost member has not left."""

import asyncio
import signal
from pathlib import Path

from tests.client import Browser
from tests.crash.crowd import FOREVER_S, TRANSPORTS, Visitor, crowd
from tests.crash.ledger import Ledger
from tests.crash.outages import Harm, Outages
from tests.crash.people import company, settled
from tests.crash.process import IMPATIENT, serving
from tests.crash.proxy import Proxy
from tests.server import Server, rows
from tests.transports import until


async def test_a_network_outage_loses_no_room_and_no_message(tmp_path: Path, node: str) -> None:
    """The outage is longer than the heartbeat and the grace time together."""
    outages = Outages(tmp_path / "data", node, grace_s=3, impatient=True)
    await outages.of_network(people=3)


async def test_a_server_outage_loses_no_room_and_no_message(tmp_path: Path, node: str) -> None:
    outages = Outages(tmp_path / "data", node, grace_s=30, impatient=True)
    await outages.of_server(list(Harm), people=6)


async def test_an_owner_whose_laptop_slept_is_still_the_owner(tmp_path: Path, node: str) -> None:
    """The whole laptop stands still, and data sent to it waits; the others cannot take over the room."""
    data, ledger = tmp_path / "data", Ledger()
    async with (
        serving(data, "--grace", "1", program=IMPATIENT) as server,
        Proxy(server.port) as network,
        company(server.port, ledger, "one", "two") as pupils,
        crowd(
            node, ledger, [[Visitor("teacher", network.port, TRANSPORTS[1])]], pace_ms=50, patience_s=FOREVER_S
        ) as laptop,
    ):
        await laptop.until(lambda: "teacher" in laptop.inside)
        [room], teacher = laptop.rooms["teacher"], laptop.users["teacher"]
        for pupil in pupils:
            await pupil.enter(room)
        lines = ledger.readings[pupils[0].user, room].heard

        network.begin_outage()
        laptop.process.send_signal(signal.SIGSTOP)
        await until(lambda: f"{teacher}님이 퇴장하셨습니다." in [line.text for line in lines])
        for pupil in pupils:
            assert pupil.socket is not None
            assert (await pupil.socket.ask("kick", {"room": room, "user": teacher}))["error"] == "not_owner"
            await pupil.deliver(pupil.compose(room, "gif"))
        network.end_outage()
        laptop.process.send_signal(signal.SIGCONT)

        await until(lambda: f"{teacher}님이 입장하셨습니다." in [line.text for line in lines])
        await laptop.stop()
        await settled(*pupils)
    ledger.audit(data)
    assert rows(data, "SELECT id, owner FROM rooms") == [(room, teacher)]
    assert [line.text for line in lines if line.text.startswith("#")][-2:] == [
        f"{teacher}님이 퇴장하셨습니다.",
        f"{teacher}님이 입장하셨습니다.",
    ]


async def test_clients_that_give_up_on_a_stalled_server_count_as_lost(tmp_path: Path, node: str) -> None:
    """They close their connections, which the server reads when it resumes; nobody comes back."""
    data, ledger = tmp_path / "data", Ledger()
    async with serving(data, "--grace", "0.5", program=IMPATIENT) as server:
        visitors = [Visitor(f"n{number}", server.port, ways) for number, ways in enumerate(TRANSPORTS)]
        async with crowd(node, ledger, [visitors], pace_ms=100, patience_s=FOREVER_S) as people:
            await people.until(lambda: len(people.inside) == len(visitors))
            server.process.send_signal(signal.SIGSTOP)
            await people.until(lambda: not people.inside)
        server.process.send_signal(signal.SIGCONT)
        found = await rooms(server)
        while any(found.values()):
            await asyncio.sleep(0.1)
            found = await rooms(server)
        assert found.keys() == set(people.rooms["n0"])


async def rooms(server: Server) -> dict[str, int]:
    """Return the number of members of each room."""
    browser = Browser(server.url, {"Accept": "application/json"})
    answer = await browser.get("/")
    browser.close()
    listed = answer.json["rooms"]
    assert isinstance(listed, list)
    return {room["_id"]: room["members"] for room in listed}
