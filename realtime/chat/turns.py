"""Turns at what only few can do at once: hashing a password, examining an image, reading much of what is stored.

The next turn goes to the next address, and there to the next visitor. So somebody who asks for a lot waits for
themselves, and visitors whom one machine invents share the turns of that machine. How many may wait is bounded.
"""

from typing import Final, NamedTuple

from realtime.deferred import Deferred
from realtime.errors import NotHere, TooFast

RETRY_S: Final = 1.0


class TurnRules(NamedTuple):
    """How many have a turn at once, and how many may wait."""

    at_once: int
    each: float
    """How many turns one visitor may wait for; those who are not told apart (`Turns.ask`) are one."""
    in_all: float
    most_gives_way: bool
    """Beyond `in_all`: whether whoever came last at the address with the most is refused, or whoever comes."""


ALONE: Final = TurnRules(at_once=1, each=50, in_all=200, most_gives_way=False)
"""For what occupies a whole core, by address: a class may wait at each. At a fifth of a second, 200 take 40 s."""
READING: Final = TurnRules(at_once=2, each=8, in_all=1000, most_gives_way=True)
"""For reading, by visitor: a page fetches older and newer records, searches, and may be open twice."""


class Turn:
    """One turn: `async with` waits for it, and it is over at the end of the block.

    Raises TooFast when it had to give way, NotHere after `leave` and after `Turns.close`.
    """

    def __init__(self, turns: "Turns", address: str, who: int | str, line: "_Line") -> None:
        self.address = address
        self.who = who
        self.line = line
        self.left = False
        """Whether who asked for it is gone: what is not done yet need not be done."""
        self.granted: Deferred[None] = Deferred()
        self._turns = turns

    async def __aenter__(self) -> "Turn":
        try:
            await self.granted
        except BaseException:
            self._turns.over(self)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._turns.over(self)

    def leave(self) -> None:
        """Note that who asked for it is gone. It does not wait any longer."""
        self.left = True
        if not self.granted.done():
            self.refuse(NotHere())

    def refuse(self, reason: Exception) -> None:
        """Let it not wait any longer."""
        self.line.remove(self)
        self.granted.set_exception(reason)


class _Line:
    """Who waits, by address and visitor: the next ones first."""

    def __init__(self) -> None:
        self.at: dict[str, dict[int | str, list[Turn]]] = {}
        self.length = 0

    def add(self, turn: Turn) -> None:
        self.at.setdefault(turn.address, {}).setdefault(turn.who, []).append(turn)
        self.length += 1

    def remove(self, turn: Turn) -> None:
        here = self.at[turn.address]
        here[turn.who].remove(turn)
        self.length -= 1
        if not here[turn.who]:
            del here[turn.who]
        if not here:
            del self.at[turn.address]

    def next(self, taking: dict[int | str, Turn]) -> Turn | None:
        """Take out the turn of the first visitor who has none; they and their address are the last from now on."""
        for address, here in self.at.items():
            who = next((one for one in here if one not in taking), None)
            if who is not None:
                turn = here[who][0]
                here[who] = here.pop(who)
                self.at[address] = self.at.pop(address)
                self.remove(turn)
                return turn
        return None

    def count(self, address: str) -> int:
        return sum(map(len, self.at.get(address, {}).values()))

    def of(self, address: str, who: int | str) -> int:
        return len(self.at.get(address, {}).get(who, ()))

    def last(self, address: str) -> Turn:
        """Return the last turn of the visitor who waits for most at this address, the later one of two."""
        return max(reversed(self.at[address].values()), key=len)[-1]


class Turns:
    """The turns at one thing."""

    def __init__(self, rules: TurnRules = ALONE) -> None:
        self._rules = rules
        self._taking: dict[int | str, Turn] = {}  # by visitor, who has only one at once
        self._lines = _Line(), _Line()

    def ask(self, address: str, visitor_id: int | None = None, *, early: bool = True) -> Turn:
        """Return a turn, which may have to wait. Raises TooFast if too many do.

        Without a visitor, all at the address are one: first come, first served. Who is `early` comes before all who
        are not.
        """
        who = address if visitor_id is None else visitor_id
        line = self._lines[0 if early else 1]
        turn = Turn(self, address, who, line)
        if who not in self._taking and len(self._taking) < self._rules.at_once:
            self._grant(turn)
            return turn
        if sum(one.of(address, who) for one in self._lines) >= self._rules.each:
            raise TooFast(retry_after=RETRY_S)
        if sum(one.length for one in self._lines) >= self._rules.in_all:
            self._make_room(address)
        line.add(turn)
        return turn

    def over(self, turn: Turn) -> None:
        """Give the turn to the next; without an effect if it was not granted or is over."""
        if self._taking.get(turn.who) is turn:
            del self._taking[turn.who]
            self._grant_next()
        elif not turn.granted.done():
            turn.refuse(NotHere())

    def close(self) -> None:
        """Let nobody wait any longer."""
        for line in self._lines:
            for turn in [turn for here in line.at.values() for turns in here.values() for turn in turns]:
                turn.refuse(NotHere())

    def _grant(self, turn: Turn) -> None:
        self._taking[turn.who] = turn
        turn.granted.set_result(None)

    def _grant_next(self) -> None:
        for line in self._lines:
            turn = line.next(self._taking)
            if turn is not None:
                self._grant(turn)
                return

    def _make_room(self, address: str) -> None:
        """Let a turn give way to one at `address`. Raises TooFast if nobody has to."""
        too_fast = TooFast(retry_after=RETRY_S)
        if not self._rules.most_gives_way:
            raise too_fast
        fullest = max((place for line in self._lines for place in line.at), key=self._count)
        if self._count(fullest) <= self._count(address) + 1:
            raise too_fast
        next(line for line in reversed(self._lines) if fullest in line.at).last(fullest).refuse(too_fast)

    def _count(self, address: str) -> int:
        return sum(line.count(address) for line in self._lines)
