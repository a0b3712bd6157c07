"""Checks of the stored images when nothing is under way: rows match files, and every count is right."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from realtime.chat.model import poster_name

Rows = Sequence[tuple[object, ...]]

# Inconsistencies: a name for each, and the query that finds it.
WRONG: Mapping[str, str] = {
    "an image in no room": "SELECT name FROM images WHERE name NOT IN (SELECT image FROM room_images)",
    "a room's image without a record": "SELECT room, image, uses FROM room_images JOIN rooms ON key = room"
    " WHERE NOT ephemeral"
    " AND uses <> (SELECT count(*) FROM chats WHERE chats.room = room_images.room AND gif = image)"
    " + (SELECT count(*) FROM held WHERE held.room = room_images.room AND gif = image)",
    "a record without its image": "SELECT seq FROM chats WHERE gif IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM room_images WHERE room_images.room = chats.room AND image = gif)",
    "a room's bytes": "SELECT key, image_bytes FROM rooms WHERE image_bytes <>"
    " (SELECT coalesce(sum(size_bytes), 0) FROM room_images JOIN images ON name = image WHERE room = key)",
    "all images' bytes": "SELECT bytes FROM image_space"
    " WHERE bytes <> (SELECT coalesce(sum(size_bytes), 0) FROM images)",
    "files yet to be deleted": "SELECT name FROM removed_images",
}
IMAGES = "SELECT name, moving, size_bytes FROM images"


def assert_consistent(found: Mapping[str, Rows], images: Iterable[tuple[object, ...]], uploads: Path) -> None:
    """Compare the rows found by `WRONG` and `IMAGES` with each other and with the folder."""
    assert {name: rows for name, rows in found.items() if rows} == {}
    sizes = {path.name: path.stat().st_size for path in uploads.iterdir()}
    for name, moving, size_bytes in images:
        files = [str(name), poster_name(str(name))] if moving else [str(name)]
        assert sum(sizes.pop(file) for file in files) == size_bytes
    assert sizes == {}, "files without a row"
