"""The course's tree: namespaces, their rooms, their sockets. Read off the hub as it is now; nothing is kept for it."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import msgspec

from realtime.chat.model import RoomView, Visitor
from realtime.errors import NoSuchRoom
from realtime.hub import Hub, Namespace, Socket

SOCKETS: Final = 12
ROOMS: Final = 24
ID_LENGTH: Final = 6
"""Enough of a socket's id for its own client to know it by, and far too little to guess the rest."""


class SocketLeaf(msgspec.Struct, frozen=True):
    """SOCKET of the wire."""

    id: str
    user: str


class RoomBranch(msgspec.Struct, frozen=True):
    """A room. Of one with a password nobody is told more than how many are in it."""

    title: str | None
    locked: bool
    count: int
    sockets: tuple[SocketLeaf, ...]


class NamespaceBranch(msgspec.Struct, frozen=True):
    """NAMESPACE of the wire."""

    name: str
    count: int
    sockets: tuple[SocketLeaf, ...]
    rooms: tuple[RoomBranch, ...]
    more: int


def tree(hub: Hub, view: Callable[[str], RoomView]) -> list[NamespaceBranch]:
    """Return all namespaces, with the first of their rooms and sockets. `view` tells of a room or raises NoSuchRoom."""
    return [_namespace(namespace, view) for namespace in hub.namespaces.values()]


def _namespace(namespace: Namespace, view: Callable[[str], RoomView]) -> NamespaceBranch:
    rooms = namespace.rooms
    outside = (socket for socket in namespace.sockets.values() if not socket.rooms)
    return NamespaceBranch(
        name=namespace.name,
        count=len(namespace.sockets),
        sockets=_leaves(outside, len(namespace.sockets) - rooms.roomed),
        rooms=tuple(_room(room, namespace, view) for room in islice(rooms, ROOMS)),
        more=max(0, len(rooms) - ROOMS),
    )


def _room(room: str, namespace: Namespace, view: Callable[[str], RoomView]) -> RoomBranch:
    members = namespace.rooms.members(room)
    try:
        told = view(room)
    except NoSuchRoom:  # it is just being closed
        return RoomBranch(None, False, len(members), ())
    if told.password:
        return RoomBranch(None, True, len(members), ())
    return RoomBranch(told.title, False, len(members), _leaves(members, len(members)))


def _leaves(sockets: Iterable[Socket], count: int) -> tuple[SocketLeaf, ...]:
    return tuple(_leaf(socket) for socket in islice(sockets, min(count, SOCKETS)))


def _leaf(socket: Socket) -> SocketLeaf:
    identity = socket.handshake.identity
    return SocketLeaf(socket.id[:ID_LENGTH], identity.user if isinstance(identity, Visitor) else "")
