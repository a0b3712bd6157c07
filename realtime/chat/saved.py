"""The file of a saved conversation: JSON Lines, which `python gifchat.py import` reads again (docs/desk.md). Pure.

    {"gifchat": 1, "room": ROOM, "savedAt": TIME}           first, once
    {"image": NAME, "data": BASE64}                         before the first record with this image
    RECORD                                                  oldest first
    {"log": ENTRY}                                          what the desk did, in the teacher's file
    {"end": {"records": N, "images": N}}                    last: without it the file was cut

An image that was gone when the file was written has no line; its records have the name all the same.
"""

from typing import Annotated, Final, Literal

import msgspec

from realtime.chat.model import RoomView
from realtime.chat.wire_forms import Record

VERSION: Final = 1

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Opening(msgspec.Struct, frozen=True):
    """The first line."""

    room: RoomView
    saved_at: str = msgspec.field(name="savedAt")
    gifchat: Literal[1] = VERSION


class DeskLine(msgspec.Struct, frozen=True):
    """A line with something that the desk did (docs/desk.md), in the teacher's file."""

    log: dict[str, object]


class Counts(msgspec.Struct, frozen=True):
    """How many lines of each kind there were."""

    records: Count
    images: Count


class Closing(msgspec.Struct, frozen=True):
    """The last line."""

    end: Counts


def line(value: Opening | Record | DeskLine | Closing) -> bytes:
    """Return one line of the file."""
    return msgspec.json.encode(value) + b"\n"


def image_head(name: str) -> bytes:
    """Return what comes before an image's data, in base64."""
    return b'{"image":' + msgspec.json.encode(name) + b',"data":"'


IMAGE_TAIL: Final = b'"}\n'
