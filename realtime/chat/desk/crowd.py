"""How many people to expect behind one address: what the option `--per-address` says, or since then the desk."""

from typing import Final

from realtime.chat.allowances import Allowances
from realtime.chat.desk.ports import DeskStore
from realtime.clock import Clock
from realtime.errors import BadRequest, NotAllowed

SETTING: Final = "people"
MOST: Final = 10_000


class Crowd:
    """The desk's word about the limits of an address."""

    def __init__(self, allowances: Allowances, store: DeskStore, clock: Clock) -> None:
        self._allowances = allowances
        self._store = store
        self._clock = clock
        self._at_start = allowances.people

    @property
    def people(self) -> int:
        """How many are expected; 0 if there are no limits for an address."""
        return round(self._allowances.people) if self._allowances.shared else 0

    async def load(self) -> None:
        """Expect as many as the desk has said. Raises Storage."""
        people = (await self._store.settings()).get(SETTING)
        if isinstance(people, int) and self._allowances.shared:
            self._allowances.expect(people, self._clock.time())

    async def expect(self, people: int) -> None:
        """Expect so many from now on.

        Raises BadRequest unless it is 1 to 10,000, NotAllowed if the server was started without these limits, or
        Storage.
        """
        if not 1 <= people <= MOST:
            raise BadRequest
        if not self._allowances.shared:
            raise NotAllowed
        await self._store.set(SETTING, people)
        self._allowances.expect(people, self._clock.time())

    def lift(self) -> None:
        """Expect as many as at the start, whatever is stored."""
        if self._allowances.shared:
            self._allowances.expect(self._at_start, self._clock.time())
