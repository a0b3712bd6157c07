"""How the events of a namespace read their argument and are answered, and what several of them have in common."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

import msgspec

from realtime.errors import BadRequest, DomainError, Internal
from realtime.hub import AckArgs, Socket
from realtime.socketio.packet import Event

log = logging.getLogger("gifchat.events")

T = TypeVar("T")


class RoomRequest(msgspec.Struct, frozen=True):
    room: str


class RecordRequest(msgspec.Struct, frozen=True):
    room: str
    id: str = msgspec.field(name="_id")


class PersonRequest(msgspec.Struct, frozen=True):
    room: str
    user: str


class SaidAck(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a message."""

    ok: bool = True
    id: str = msgspec.field(name="_id")
    seq: int


class ChangeAck(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a change to a record."""

    ok: bool = True
    rev: int


def argument(event: Event, kind: type[T]) -> T:
    """Return the event's one argument as `kind`. Raises BadRequest."""
    try:
        return msgspec.convert(event.args[0] if event.args else None, kind)
    except msgspec.ValidationError as error:
        raise BadRequest from error


def ack(event: Event, answer: object) -> AckArgs:
    """Return the ack that tells of success, with `answer` if there is more to tell."""
    if not event.wants_ack:
        return None
    return ({"ok": True} if answer is None else answer,)


def failed(socket: Socket, event: Event, error: Exception) -> AckArgs:
    """Report an error to the sender; for a bug of ours, without details."""
    if isinstance(error, DomainError):
        return socket.namespace.refuse(socket, event, error)
    log.error("the event %r failed", event.name, exc_info=error)
    return socket.namespace.refuse(socket, event, Internal())


async def awaited(socket: Socket, event: Event, work: Awaitable[object]) -> AckArgs:
    """Return the ack of what `work` returns, or of its error."""
    try:
        return ack(event, await work)
    except Exception as error:  # a bug of ours must not leave the event unanswered either
        return failed(socket, event, error)
