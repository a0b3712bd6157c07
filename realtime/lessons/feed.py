"""The namespace `/lessons`: the server's view, for those who watch. It does no work while nobody does."""

from collections.abc import Callable
from typing import Final

from realtime.clock import Timer
from realtime.hub import Hub, Socket
from realtime.lessons.board import Board, Lesson, Tally
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
        lines = list(self._board.lines)
        socket.emit("log", lines[: max(0, len(lines) - (self._board.written - self._told_lines))])

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
        new = min(self._board.written - self._told_lines, len(self._board.lines))
        if new:
            self._told_lines = self._board.written
            self._namespace.emit("log", list(self._board.lines)[-new:])
