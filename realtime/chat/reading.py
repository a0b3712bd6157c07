"""Reading much of what is stored takes turns: few at once, one of each visitor, and the rest waits in a fair queue.

The next turn goes to the next address, and there to the next visitor. So somebody who asks for a lot waits for
themselves, and visitors whom one machine invents share the turns of that machine. The queue is bounded: when it is
full, whoever came last of those at the address with the most is refused.
"""

from typing import Final

from realtime.deferred import Deferred
from realtime.errors import NotHere, TooFast

AT_ONCE: Final = 2
WAITING: Final = 1000
WAITING_EACH: Final = 8  # of a visitor: a page fetches older and newer records, searches, and may be open twice
RETRY_AFTER_S: Final = 1.0


class Reading:
    """One turn: `async with` waits for it, and it is over at the end of the block.

    Raises TooFast when it had to give way, NotHere after `leave`.
    """

    def __init__(self, readings: "Readings", visitor_id: int, address: str) -> None:
        self.visitor_id = visitor_id
        self.address = address
        self.left = False
        """Whether who asked for it is gone: what is not done yet need not be done."""
        self.granted: Deferred[None] = Deferred()
        self._readings = readings

    async def __aenter__(self) -> "Reading":
        try:
            await self.granted
        except BaseException:
            self._readings.over(self)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._readings.over(self)

    def leave(self) -> None:
        """Note that who asked for it is gone. It does not wait any longer."""
        self.left = True
        if not self.granted.done():
            self._readings.withdraw(self, NotHere())


class Readings:
    """The turns at reading of one server. (`Turns` are for one at a time, without regard to who it is.)"""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, waiting_each: int = WAITING_EACH) -> None:
        self._at_once = at_once
        self._most = waiting
        self._most_each = waiting_each
        self._taking: dict[int, Reading] = {}  # by visitor
        self._waiting: dict[str, dict[int, list[Reading]]] = {}  # by address and visitor, the next ones first
        self._count = 0  # of those that wait

    def ask(self, visitor_id: int, address: str) -> Reading:
        """Return a turn, which may have to wait. Raises TooFast if the visitor or their address has too many."""
        turn = Reading(self, visitor_id, address)
        if visitor_id not in self._taking and len(self._taking) < self._at_once:
            self._grant(turn)
            return turn
        own = self._waiting.get(address, {})
        if len(own.get(visitor_id, ())) >= self._most_each:
            raise TooFast(retry_after=RETRY_AFTER_S)
        if self._count >= self._most:
            self._make_room(_count(own))
        self._waiting.setdefault(address, {}).setdefault(visitor_id, []).append(turn)
        self._count += 1
        return turn

    def over(self, turn: Reading) -> None:
        """Give the turn to the next; without an effect if it was not granted or is over."""
        if self._taking.get(turn.visitor_id) is turn:
            del self._taking[turn.visitor_id]
            self._grant_next()
        elif not turn.granted.done():
            self.withdraw(turn, NotHere())

    def withdraw(self, turn: Reading, reason: Exception) -> None:
        """Let a turn not wait any longer."""
        visitors = self._waiting[turn.address]
        visitors[turn.visitor_id].remove(turn)
        self._tidy(turn)
        turn.granted.set_exception(reason)

    def _grant(self, turn: Reading) -> None:
        self._taking[turn.visitor_id] = turn
        turn.granted.set_result(None)

    def _grant_next(self) -> None:
        """Grant the next turn to the first visitor without one; they and their address are the last from now on."""
        for address, visitors in self._waiting.items():
            visitor_id = next((one for one in visitors if one not in self._taking), None)
            if visitor_id is not None:
                turn = visitors[visitor_id].pop(0)
                visitors[visitor_id] = visitors.pop(visitor_id)
                self._waiting[address] = self._waiting.pop(address)
                self._tidy(turn)
                self._grant(turn)
                return

    def _tidy(self, turn: Reading) -> None:
        """Forget what is empty, now that `turn` is no longer in the queue."""
        self._count -= 1
        visitors = self._waiting[turn.address]
        if not visitors[turn.visitor_id]:
            del visitors[turn.visitor_id]
        if not visitors:
            del self._waiting[turn.address]

    def _make_room(self, own: int) -> None:
        """Let a turn at the address with the most give way. Raises TooFast if that is who asks, and has `own`."""
        fullest = max(self._waiting.values(), key=_count)
        if _count(fullest) <= own + 1:
            raise TooFast(retry_after=RETRY_AFTER_S)
        self.withdraw(max(reversed(fullest.values()), key=len)[-1], TooFast(retry_after=RETRY_AFTER_S))


def _count(visitors: dict[int, list[Reading]]) -> int:
    return sum(map(len, visitors.values()))
