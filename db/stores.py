"""All that is kept: the tables of the one database, and the folder of images."""

from dataclasses import dataclass

from db.chats import ChatTable
from db.connection import Database
from db.images import Images
from db.rooms import RoomTable
from db.uploads import Uploads
from db.visitors import VisitorTable
from db.writer import Writer


@dataclass(frozen=True)
class Stores:
    """What the service keeps things in."""

    visitors: VisitorTable
    rooms: RoomTable
    chats: ChatTable
    images: Images
    uploads: Uploads

    @classmethod
    def of(cls, database: Database, writer: Writer, uploads: Uploads) -> "Stores":
        """Return the stores over one database and one folder."""
        return cls(
            VisitorTable(database, writer),
            RoomTable(database, writer),
            ChatTable(database, writer),
            Images(database, uploads),
            uploads,
        )
