"""The implementation of the chat's ports: the database's tables and the image folder."""

from db.chats import ChatTable
from db.connection import Database
from db.desk import DeskTables
from db.images import Images
from db.rooms import RoomTable
from db.seats import SeatTable
from db.uploads import Uploads
from db.visitors import VisitorTable
from db.writer import Writer
from realtime.chat.ports import Stores


def stores_over(database: Database, writer: Writer, uploads: Uploads) -> Stores:
    """Return the stores over one database and one folder."""
    return Stores(
        visitors=VisitorTable(database, writer),
        rooms=RoomTable(database, writer),
        records=ChatTable(database, writer),
        images=Images(database, uploads),
        desk=DeskTables(database),
        seats=SeatTable(database),
    )
