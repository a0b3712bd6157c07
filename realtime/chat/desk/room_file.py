"""A file of rooms to prepare: one title a line, or `title | max`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from realtime.chat import policy
from realtime.errors import InvalidRoom, StartError

USUAL_MAX: Final = 40
"""A class: what has no size of its own is for all of it."""

SIZED: Final = re.compile(r"(.*)\|\s*([0-9]{1,9})\s*", re.ASCII)


class Planned(NamedTuple):
    """A room to prepare."""

    title: str
    max: int


def read_rooms(file: Path, max_occupancy: int) -> list[Planned]:
    """Return the rooms of a file, each title once. Empty lines are none. Raises StartError or OSError."""
    rooms: dict[str, Planned] = {}
    for room in _rooms(file, max_occupancy):
        rooms.setdefault(room.title, room)
    return list(rooms.values())


def _rooms(file: Path, max_occupancy: int) -> Iterator[Planned]:
    for number, line in enumerate(file.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            text = line.decode()
            sized = SIZED.fullmatch(text)
            title, size = (sized[1], int(sized[2])) if sized else (text, min(USUAL_MAX, max_occupancy))
            if title.strip():
                yield Planned(policy.check_title(title), policy.check_max(size, max_occupancy))
        except UnicodeDecodeError:
            raise StartError(f"{file}, line {number}: this is not UTF-8") from None
        except InvalidRoom as error:
            wrong = {
                "title": f"the title is not 1 to {policy.TITLE_LENGTH} visible characters",
                "max": f"the size is not between 2 and {max_occupancy}",
            }
            raise StartError(f"{file}, line {number}: {wrong[str(error.detail['field'])]}") from None
