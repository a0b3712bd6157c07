"""Texts in a database, a third of them replaced, in an order that splits many pages."""

import random
from pathlib import Path

from db.connection import Database


class Texts:
    """What was said: `kept` and `replaced` are numbers of texts."""

    def __init__(self) -> None:
        self.kept: set[int] = set()
        self.replaced: set[int] = set()

    async def write(self, database: Database) -> None:
        await database.run("PRAGMA synchronous = OFF")  # thousands of commits, and no crash
        columns = "id, title, max, owner_id, owner, ephemeral, created_at"
        for number in range(3):
            await database.run(f"INSERT INTO rooms ({columns}) VALUES (?, '방', 9, 1, '', 0, 0)", (f"{number:024x}",))
        rng = random.Random(2)  # of which some copies remain, with rows of this size
        rooms: dict[int, int] = {}
        for seq in range(2000):
            rooms[seq] = rng.randrange(3) + 1
            said = (rooms[seq], seq, f"said-{seq:04} {'y' * rng.randrange(1, 600)}")
            await database.run(
                "INSERT INTO chats (room, seq, visitor_id, user, created_at, chat) VALUES (?, ?, 1, '', 0, ?)", said
            )
            if seq % 3 == 0:
                which = rng.choice(list(rooms)[-60:])
                edited = (f"edited {'z' * rng.randrange(1, 600)}", rooms[which], which)
                await database.run("UPDATE chats SET chat = ?, rev = 1 WHERE room = ? AND seq = ?", edited)
                self.replaced.add(which)
        self.kept = rooms.keys() - self.replaced

    def left_in(self, *files: Path) -> set[int]:
        """Return the texts that the bytes of these files contain."""
        content = b"".join(file.read_bytes() for file in files)
        return {seq for seq in self.kept | self.replaced if b"said-%04d " % seq in content}
