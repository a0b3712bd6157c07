"""Ephemeral rooms guarantee less: what reaches everybody arrives once and in one order."""

import asyncio
from pathlib import Path

from tests.crash.ledger import Ledger
from tests.crash.people import company, settled
from tests.crash.process import serving


async def test_an_ephemeral_room_keeps_messages_and_joins_in_one_order(tmp_path: Path) -> None:
    """A join is stored before it is sent, while a message is only relayed: neither may overtake the other."""
    ledger = Ledger()
    names = [f"late{number}" for number in range(8)]
    async with (
        serving(tmp_path / "data") as server,
        company(server.port, ledger, "one", "two") as talkers,
        company(server.port, ledger, *names) as late,
    ):
        room = await talkers[0].room(title="순간", ephemeral=True, max=20)
        for person in talkers:
            await person.enter(room)
        over = asyncio.Event()
        talking = [asyncio.create_task(person.speak("socket", over)) for person in talkers]
        for number, person in enumerate(late, 1):
            await ledger.acknowledgements(20 * number)
            await person.enter(room)
        over.set()
        await asyncio.gather(*talking)
        await settled(*talkers, *late)
    for reading in ledger.readings.values():
        seqs = [heard.seq for heard in reading.heard]
        assert seqs == sorted(set(seqs))
