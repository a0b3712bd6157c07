"""Each test here runs on every implementation of the ports."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from realtime.chat.model import StoredVisitor
from tests.ports.implementations import Implementation, InMemory, SQLite
from tests.ports.people import PEOPLE, start


@pytest.fixture(params=[SQLite, InMemory])
def kept(request: pytest.FixtureRequest, io_loop: IOLoop, tmp_path: Path) -> Iterator[Implementation]:
    """Return an open implementation with three visitors and no room."""
    implementation: Callable[[Path], Implementation] = request.param
    made = implementation(tmp_path)

    async def prepare() -> None:
        await start(made)
        for who in PEOPLE:
            await made.stores.visitors.add(StoredVisitor(who.id, f"session {who.id}", who.user, seen_at=100))

    io_loop.run_sync(prepare)
    yield made
    io_loop.run_sync(made.close)
