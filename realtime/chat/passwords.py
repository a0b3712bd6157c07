"""Room passwords: one argon2 at a time, in a thread, so that a flood of guesses cannot starve the chat.

A hash takes a whole core for a moment, so it is avoided where the answer is known: while a text is remembered as the
right one, an equal text is right and every other is wrong. Otherwise addresses take turns, and checking a password
comes before making one (`turns.py`).
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from realtime.chat.turns import Turns
from realtime.clock import Clock

T = TypeVar("T")

REMEMBERED_S: Final = 600.0


class RoomPassword:
    """One room's password: `hash`, which is stored, and for ten minutes after each use a keyed hash of the right text.

    The keyed hash exists only in memory. A changed password is a new RoomPassword.
    """

    __slots__ = ("checking", "hash", "proven", "proven_until")

    def __init__(self, password_hash: str) -> None:
        self.hash = password_hash
        self.checking: dict[bytes, asyncio.Future[bool]] = {}  # guesses being checked, by keyed hash
        self.proven: bytes | None = None
        self.proven_until = 0.0


class Passwords:
    """Hashes with argon2-cffi's default parameters (RFC 9106, low-memory profile)."""

    def __init__(self, clock: Clock, turns: Turns) -> None:
        self._clock = clock
        self._hasher = PasswordHasher()
        self._turns = turns
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argon2")
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)

    async def hash(self, text: str, address: str) -> RoomPassword:
        """Hash a new password, for somebody at `address`. Raises TooFast when too many wait."""
        made = RoomPassword(await self._run(lambda: self._hasher.hash(text), address, early=False))
        self._remember(made, self._mark(text))
        return made

    async def verify(self, password: RoomPassword, text: str, address: str) -> bool:
        """Return whether the text is correct, for somebody at `address`. Raises TooFast when too many wait.

        While the right text is remembered, nothing is hashed; concurrent equal guesses are hashed once.
        """
        mark = self._mark(text)
        proven = self._proven(password)
        if proven is not None:
            right = hmac.compare_digest(proven, mark)
            if right:
                self._remember(password, mark)
            return right
        checking = password.checking.get(mark)
        if checking is None:
            checking = password.checking[mark] = asyncio.ensure_future(self._check(password, text, mark, address))
        return await asyncio.shield(checking)  # one caller may be cancelled while others still wait

    def knows(self, password: RoomPassword, text: str) -> bool:
        """Return whether the text is known to be correct, or is being checked."""
        mark = self._mark(text)
        proven = self._proven(password)
        return mark in password.checking or (proven is not None and hmac.compare_digest(proven, mark))

    def close(self) -> None:
        """Stop the thread once the hash in progress is done; the others fail with NotHere."""
        self._turns.close()
        self._thread.shutdown(cancel_futures=True)

    def _mark(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key).digest()

    def _remember(self, password: RoomPassword, mark: bytes) -> None:
        password.proven, password.proven_until = mark, self._clock.time() + REMEMBERED_S

    def _proven(self, password: RoomPassword) -> bytes | None:
        if password.proven is not None and self._clock.time() >= password.proven_until:
            password.proven = None
        return password.proven

    async def _check(self, password: RoomPassword, text: str, mark: bytes, address: str) -> bool:
        try:
            right = await self._run(lambda: _matches(self._hasher, password.hash, text), address, early=True)
        finally:
            del password.checking[mark]
        if right:
            self._remember(password, mark)
        return right

    async def _run(self, work: Callable[[], T], address: str, *, early: bool) -> T:
        async with self._turns.ask(address, early=early):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _matches(hasher: PasswordHasher, password_hash: str, text: str) -> bool:
    try:
        return hasher.verify(password_hash, text)
    except VerifyMismatchError:
        return False
