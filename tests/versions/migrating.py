"""Open a database in a process that may kill itself meanwhile: `python -m tests.versions.migrating FILE STEPS`.

It is killed after STEPS thousand steps of SQLite, not by a clock, in whatever statement that is. With 0 it completes
and prints how many it took.
"""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from db.connection import Database
from tests.conftest import ROOT

STEP = 1000


class Mortal(sqlite3.Connection):
    """Counts the steps of all connections and kills the process after the given number."""

    lives = 0
    steps = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_progress_handler(self._step, STEP)

    def _step(self) -> int:
        Mortal.steps += 1
        if Mortal.steps == Mortal.lives:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0


async def main(path: Path) -> None:
    """Open the database."""
    database = await Database.open(path, (ROOT / "schema.sql").read_text("utf-8"))
    await database.close()
    print(Mortal.steps)


if __name__ == "__main__":
    Mortal.lives = int(sys.argv[2])
    sqlite3.Connection = Mortal  # type: ignore[misc]  # what the database is opened by
    asyncio.run(main(Path(sys.argv[1])))
