"""The course's tree of namespaces, rooms and sockets, computed from the hub on demand."""

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
"""Enough of a socket's id for its own client to recognise it, and far too little to guess the rest."""


class SocketLeaf(msgspec.Struct, frozen=True):
    """SOCKET on the wire."""

    id: str
    user: str


class RoomBranch(msgspec.Struct, frozen=True):
    """A room. For one with a password, only the number of sockets is shown."""

    title: str | None
    locked: bool
    count: int
    sockets: tuple[SocketLeaf, ...]


class NamespaceBranch(msgspec.Struct, frozen=True):
    """NAMESPACE on the wire."""

    name: str
    count: int
    sockets: tuple[SocketLeaf, ...]
    rooms: tuple[RoomBranch, ...]
    more: int


def tree(hub: Hub, view: Callable[[str], RoomView]) -> list[NamespaceBranch]:
    """Return the public namespaces with their first rooms and sockets. `view` returns a room or raises NoSuchRoom."""
    return [_namespace(namespace, view) for namespace in hub.public]


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
        chat_room = view(room)
    except NoSuchRoom:  # it is being deleted
        return RoomBranch(None, False, len(members), ())
    if chat_room.password:
        return RoomBranch(None, True, len(members), ())
    return RoomBranch(chat_room.title, False, len(members), _leaves(members, len(members)))


def _leaves(sockets: Iterable[Socket], count: int) -> tuple[SocketLeaf, ...]:
    return tuple(_leaf(socket) for socket in islice(sockets, min(count, SOCKETS)))


def _leaf(socket: Socket) -> SocketLeaf:
    identity = socket.handshake.identity
    return SocketLeaf(socket.id[:ID_LENGTH], identity.user if isinstance(identity, Visitor) else "")
