"""gifchat with another rule for its checkpoints: python -m bench.checkpoint_server RULE OPTION …"""

import asyncio
import sys
from unittest.mock import patch

import composition
import gifchat
from db import connection
from db.writer import Writer

AUTOMATIC_PAGES = 1000  # SQLite's own default
QUIET_RULE = "after 1 ms without a message"
RULES = {"every 1,000 pages": AUTOMATIC_PAGES, "every 100 pages": 100, "none": 0, QUIET_RULE: 4 * AUTOMATIC_PAGES}
"""After how many pages SQLite makes one by itself."""
QUIET_S = 0.001


class QuietWriter(Writer):
    """Makes a checkpoint when there is enough to do for one and nothing to write."""

    _commits = 0

    def _commit_next(self) -> None:
        """Commit, and see a little later whether that was all for now."""
        self._commits += 1
        super()._commit_next()
        asyncio.get_running_loop().call_later(2 * QUIET_S, self._look)

    def _look(self) -> None:
        if self._commits >= AUTOMATIC_PAGES // 2 and self.quiet_s >= QUIET_S:
            self._commits = 0
            self._database.call(lambda sqlite: sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())


def main() -> None:
    """Serve."""
    rule = sys.argv.pop(1)
    pragmas = f"{connection.PRAGMAS}PRAGMA wal_autocheckpoint = {RULES[rule]};\n"
    writer = QuietWriter if rule == QUIET_RULE else Writer
    with patch.object(connection, "PRAGMAS", pragmas), patch.object(composition, "Writer", writer):
        gifchat.main()


if __name__ == "__main__":
    main()
