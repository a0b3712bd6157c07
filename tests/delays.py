"""Delays around every statement of a database, so that what runs at the same time interleaves differently each time."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence

from db.connection import Database, Row
from realtime.deferred import Deferred
from realtime.errors import DomainError


def delay_statements(database: Database, draw: random.Random, loop: asyncio.AbstractEventLoop) -> None:
    """Let each statement begin and end up to three iterations of the loop later, drawn from `draw`."""
    start = database.start
    tasks: set[asyncio.Task[None]] = set()

    async def a_while() -> None:
        for _ in range(draw.randrange(4)):
            await asyncio.sleep(0)

    async def run(statement: str, parameters: Sequence[object], result: Deferred[list[Row]]) -> None:
        await a_while()
        try:
            rows = await start(statement, parameters)
        except (DomainError, sqlite3.Error) as error:
            await a_while()
            result.set_exception(error)
        else:
            await a_while()
            result.set_result(rows)

    def delayed(statement: str, parameters: Sequence[object]) -> Deferred[list[Row]]:
        result: Deferred[list[Row]] = Deferred()
        task = loop.create_task(run(statement, parameters, result))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return result

    database.start = delayed  # type: ignore[method-assign]  # the same, later
