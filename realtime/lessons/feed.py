"""The namespace `/lessons`: the server's view, for those who watch. It does no work while nobody does."""

from collections.abc import Callable
from typing import Final

from realtime.chat.model import Visitor
from realtime.clock import Timer
from realtime.hub import Hub, Socket
from realtime.lessons.board import Board, Entry, Lesson, Tally
from realtime.lessons.tree import NamespaceBranch
from realtime.reason import Reason

EVERY_S: Final = 0.25


class Feed:
    """Sends the current state to new sockets, and changes to everyone, at most four times a second."""

    def __init__(self, hub: Hub, board: Board, tree: Callable[[], list[NamespaceBranch]]) -> None:
        self._namespace = hub.of("/lessons")
        self._namespace.on_connect = self._connected
        self._namespace.on_disconnect = self._disconnected
        self._clock = hub.clock
        self._board = board
        self._tree = tree
        self._timer: Timer | None = None
        # What the watchers have received.
        self._told_tree: list[NamespaceBranch] = []
        self._told_counts: dict[Lesson, Tally] = {}
        self._told_lines = 0

    def stop(self) -> None:
        """Stop sending."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _connected(self, socket: Socket) -> None:
        if self._timer is None:
            self._told_tree = self._tree()
            self._told_counts = self._board.counts()
            self._told_lines = self._board.written
            self._schedule()
        socket.emit("tree", self._told_tree)
        socket.emit("counts", self._told_counts)
        entries = list(self._board.entries)
        told = entries[: max(0, len(entries) - (self._board.written - self._told_lines))]
        socket.emit("log", [entry.seen_by(_reader(socket)) for entry in told])

    def _disconnected(self, socket: Socket, reason: Reason) -> None:
        if not self._namespace.sockets:
            self.stop()

    def _schedule(self) -> None:
        self._timer = self._clock.call_at(self._clock.time() + EVERY_S, self._tell)

    def _tell(self) -> None:
        self._schedule()
        tree = self._tree()
        if tree != self._told_tree:
            self._told_tree = tree
            self._namespace.emit("tree", tree)
        counts = self._board.counts()
        if counts != self._told_counts:
            self._told_counts = counts
            self._namespace.emit("counts", counts)
        new = min(self._board.written - self._told_lines, len(self._board.entries))
        if new:
            self._told_lines = self._board.written
            self._tell_log(list(self._board.entries)[-new:])

    def _tell_log(self, entries: list[Entry]) -> None:
        """Send all but the authors of messages the same."""
        authors = {entry.author_id for entry in entries if entry.own is not entry.others}
        own = [socket for socket in self._namespace.sockets.values() if _reader(socket) in authors]
        self._namespace.except_(*(socket.id for socket in own)).emit("log", [entry.others for entry in entries])
        for socket in own:
            socket.emit("log", [entry.seen_by(_reader(socket)) for entry in entries])


def _reader(socket: Socket) -> int:
    visitor = socket.handshake.identity
    assert isinstance(visitor, Visitor)
    return visitor.id
