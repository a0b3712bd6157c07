"""The bytes that are kept in memory for peers: half received, waiting, or sent and not taken by their socket. Pure.

Each connection has an `Account`, and so has each session without a connection of its own. Whoever keeps bytes states
how many there are now, not what has changed, so that no mistake adds up. Three bounds hold:

- One account holds at most CONNECTION_BYTES; who would exceed that closes the connection. Only what is sent to a peer
  with nothing unread may be larger: a single message of ours may have any size.
- All of them together hold at most `most_bytes`. From 7/8 of it on, accounts are ended, until 3/4 are left. First comes
  the address that has kept the most bytes for the longest, and of its accounts again the one that has. A peer that
  only sends a large message, or was away for a moment, has kept it for less time than those who wait on purpose.
- A frame must arrive, and what was sent must be taken, within a time.
"""

import enum
import logging
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Final

from realtime.clock import Clock, LoopClock
from realtime.throttled import ThrottledLog

MIB: Final = 1 << 20
CONNECTION_BYTES: Final = 2 * MIB
"""Two messages of the largest size: one that is incomplete, and one that waits for its handler."""
SERVER_BYTES: Final = 256 * MIB
FRAME_S: Final = 20.0
"""From the first byte of a message over a WebSocket to its last. No pong could come in between, and the heartbeat does
not wait longer for one."""
UNREAD_S: Final = 30.0
"""How long a peer may take less than PROGRESS_BYTES of what waits for it, if that is more than the system's buffer
holds. The heartbeat would close a sleeping phone after 20 to 45 seconds."""
PROGRESS_BYTES: Final = 16 * 1024
_NEW_S: Final = 0.25
"""Added to all ages, so that new accounts differ by their bytes."""


class Part(enum.IntEnum):
    """What bytes are kept for."""

    FRAME = 0
    """An incomplete frame, or an incomplete message in several."""
    READ = 1
    """Read from a connection and not looked at."""
    BODY = 2
    """A request's body, incomplete."""
    WAITING = 3
    """Messages that wait for their attachments, or for the end of another's handler."""
    QUEUED = 4
    """Packets that wait for the next poll."""
    UNREAD = 5
    """Sent, and not yet accepted by the socket."""


RECEIVED: Final = frozenset((Part.FRAME, Part.READ, Part.BODY))
"""These are stated when nothing else is going on, so that others can be ended at once: a loop may read from a thousand
sockets in one iteration."""


class Cause(enum.StrEnum):
    """Why an account was ended."""

    FULL = "all connections together kept too much"
    FRAME = "its message did not come to an end"
    UNREAD = "it does not read"


class Account:
    """The bytes kept for one connection of `address`; it must be closed."""

    __slots__ = (
        "_buffers",
        "_frame_at",
        "_held_at",
        "_parts",
        "_taken_bytes",
        "_unread_at",
        "address",
        "held_bytes",
    )

    def __init__(self, buffers: "Buffers", address: str) -> None:
        self.address = address
        self.held_bytes = 0
        self._buffers: Buffers | None = buffers
        self._parts: list[int] | None = None
        self._held_at = self._frame_at = self._unread_at = 0.0
        self._taken_bytes = 0

    def __getitem__(self, part: Part) -> int:
        """Return what is held for `part`."""
        return self._parts[part] if self._parts is not None else 0

    def hold(self, part: Part, size_bytes: int) -> bool:
        """State the bytes now kept for `part`; return whether all parts together are within the connection's bound."""
        buffers = self._buffers
        if buffers is None:
            return True
        parts = self._parts
        if parts is None:
            if not size_bytes:
                return True
            parts = self._parts = [0] * len(Part)
        more_bytes = size_bytes - parts[part]
        if not more_bytes:
            return self.held_bytes <= CONNECTION_BYTES
        if part is Part.FRAME and not parts[part]:
            self._frame_at = buffers.clock.time()
        parts[part] = size_bytes
        if not self.held_bytes:
            self._held_at = buffers.clock.time()
        self.held_bytes += more_bytes
        buffers.changed(self, more_bytes)
        if more_bytes > 0 and buffers.full:
            buffers.relieve(self, at_once=part in RECEIVED)
        return self.held_bytes <= CONNECTION_BYTES

    def unread(self, size_bytes: int, taken_bytes: int) -> None:
        """State the bytes in the queue before the socket, and how many it has ever taken from that queue."""
        buffers = self._buffers
        if buffers is None:
            return
        if size_bytes and (not self[Part.UNREAD] or taken_bytes - self._taken_bytes >= PROGRESS_BYTES):
            self._unread_at, self._taken_bytes = buffers.clock.time(), taken_bytes
        self.hold(Part.UNREAD, size_bytes)

    def move(self, other: "Account") -> None:
        """Hold here what `other`, which is closed, held."""
        held = [(part, other[part]) for part in Part]
        other.close()
        for part, size_bytes in held:
            if size_bytes:
                self.hold(part, self[part] + size_bytes)

    def end(self, cause: Cause) -> None:
        """End the connection and drop its bytes. Never called from within its own `hold`."""

    def measure(self) -> None:
        """State what changes without being noticed; called before the times are looked at."""

    def overdue(self, now: float) -> Cause | None:
        """Return why its time is over, if it is."""
        if self[Part.FRAME] and now - self._frame_at >= FRAME_S:
            return Cause.FRAME
        if self[Part.UNREAD] and now - self._unread_at >= UNREAD_S:
            return Cause.UNREAD
        return None

    def weight(self, now: float) -> float:
        """Return how much it holds for how long."""
        return self.held_bytes * (now - self._held_at + _NEW_S)

    def close(self) -> None:
        """Hold nothing from now on: the connection is over."""
        buffers, self._buffers, self._parts = self._buffers, None, None
        if buffers is not None and self.held_bytes:
            more_bytes, self.held_bytes = -self.held_bytes, 0
            buffers.changed(self, more_bytes)


class Buffers:
    """The accounts of a server."""

    def __init__(self, most_bytes: int = SERVER_BYTES, clock: Clock | None = None) -> None:
        self.most_bytes = most_bytes
        self.clock = clock or LoopClock()
        self.held_bytes = 0
        self.ended: Counter[Cause] = Counter()
        self._holding: dict[Account, None] = {}
        self._relieving = False
        self._logs = {cause: ThrottledLog() for cause in Cause}

    def __len__(self) -> int:
        """Return the number of accounts that hold anything."""
        return len(self._holding)

    def changed(self, account: Account, more_bytes: int) -> None:
        """Take note of a change; called by `account`."""
        self.held_bytes += more_bytes
        if not account.held_bytes:
            self._holding.pop(account, None)
        elif account not in self._holding:
            self._holding[account] = None

    @property
    def full(self) -> bool:
        """Whether so much is held that some must go."""
        return self.held_bytes > self.most_bytes * 7 // 8

    def relieve(self, last: Account, *, at_once: bool) -> None:
        """End accounts until there is room again: `last`, which has just grown, not before it has stated all."""
        if at_once:
            self._relieve(last)
        if self.full and not self._relieving:
            self._relieving = True
            self.clock.call_soon(self._relieve)

    def look(self) -> None:
        """End the accounts whose time is over. To be called every second."""
        for account in list(self._holding):
            account.measure()
            cause = account.overdue(self.clock.time())
            if cause is not None:
                self._end(account, cause)

    def _relieve(self, spared: Account | None = None) -> None:
        self._relieving = self._relieving and spared is not None
        for account in heaviest_first(self._holding, self.clock.time()):
            if self.held_bytes <= self.most_bytes * 3 // 4:
                break
            if account is not spared and account.held_bytes:
                self._end(account, Cause.FULL)

    def _end(self, account: Account, cause: Cause) -> None:
        held_bytes = account.held_bytes
        account.close()
        self.ended[cause] += 1
        self._logs[cause].log(
            logging.WARNING,
            "closing a connection of %s, for which %d KiB were kept: %s (told once a minute; /metrics counts them)",
            account.address or "this machine",
            held_bytes // 1024,
            cause,
        )
        account.end(cause)


def heaviest_first(accounts: Collection[Account], now: float) -> list[Account]:
    """Return all accounts in the order in which they are ended when the server's bound is reached."""
    weights = {account: account.weight(now) for account in accounts}
    of_address: defaultdict[str, float] = defaultdict(float)
    for account, weight in weights.items():
        of_address[account.address] += weight
    return sorted(accounts, key=lambda one: (of_address[one.address], weights[one]), reverse=True)
