"""The file of rooms to prepare."""

from pathlib import Path

import pytest

from realtime.chat.desk.room_file import Planned, read_rooms
from realtime.errors import StartError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rooms.txt"


def test_each_line_is_a_room_with_a_size_or_for_a_class(file: Path) -> None:
    file.write_bytes("\ufeff모둠 1\r\n\n  Group | of | 2 | 4 \nA|B\n모둠 1 | 9\n \u2003 \n#1".encode())
    assert read_rooms(file, 1000) == [
        Planned("모둠 1", 40),
        Planned("Group | of | 2", 4),
        Planned("A|B", 40),
        Planned("#1", 40),
    ]


def test_a_class_is_as_large_as_rooms_can_be(file: Path) -> None:
    file.write_bytes(b"All")
    assert read_rooms(file, 12) == [Planned("All", 12)]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"fine\n\xff\n", "line 2: this is not UTF-8"),
        (b"fine | 1", "line 1: the size is not between 2 and 50"),
        (b"\n\nfine | 51", "line 3: the size is not between 2 and 50"),
        (b"a" * 61, "line 1: the title is not 1 to 60 visible characters"),
        ("\u200b\u2060x\n\u200b \u3164".encode(), "line 2: the title is not 1 to 60 visible characters"),
    ],
)
def test_the_first_bad_line_is_told(file: Path, content: bytes, wrong: str) -> None:
    file.write_bytes(content)
    with pytest.raises(StartError) as error:
        read_rooms(file, 50)
    assert str(error.value) == f"{file}, {wrong}"


def test_no_rooms_are_none(file: Path) -> None:
    file.write_bytes(b"")
    assert read_rooms(file, 50) == []
