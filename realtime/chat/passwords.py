"""Room passwords: argon2 in two threads, so that a flood of guesses cannot starve the chat."""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from realtime.clock import Clock
from realtime.errors import TooFast

T = TypeVar("T")

THREADS: Final = 2
MAX_PENDING: Final = 50
"""Further requests fail with TooFast. At 270 ms of CPU each, this is seven seconds of work; a class that enters one
room needs one hash, and is in within two seconds.
"""
REMEMBERED_S: Final = 600.0


class RoomPassword:
    """One room's password: `hash`, which is stored, and for ten minutes a keyed hash of the verified text.

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

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._pending = 0
        self._key = secrets.token_bytes(hashlib.blake2b.MAX_KEY_SIZE)

    async def hash(self, text: str) -> RoomPassword:
        """Hash the text. Raises TooFast when too many hashes are pending."""
        return RoomPassword(await self._run(lambda: self._hasher.hash(text)))

    async def verify(self, password: RoomPassword, text: str) -> bool:
        """Return whether the text is correct. Raises TooFast when too many hashes are pending.

        A correct text is not hashed again for ten minutes, and concurrent equal guesses are hashed once.
        """
        mark = self._mark(text)
        if self._is_proven(password, mark):
            return True
        checking = password.checking.get(mark)
        if checking is None:
            checking = password.checking[mark] = asyncio.ensure_future(self._check(password, text, mark))
        return await asyncio.shield(checking)  # one caller may be cancelled while others still wait

    def knows(self, password: RoomPassword, text: str) -> bool:
        """Return whether verifying the text costs no hash: it was correct recently, or is being checked."""
        mark = self._mark(text)
        return mark in password.checking or self._is_proven(password, mark)

    def close(self) -> None:
        """Stop the threads once the hashes in progress are done."""
        self._threads.shutdown(cancel_futures=True)

    def _mark(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key).digest()

    def _is_proven(self, password: RoomPassword, mark: bytes) -> bool:
        if password.proven is not None and self._clock.time() >= password.proven_until:
            password.proven = None
        return password.proven is not None and hmac.compare_digest(password.proven, mark)

    async def _check(self, password: RoomPassword, text: str, mark: bytes) -> bool:
        try:
            right = await self._run(lambda: _matches(self._hasher, password.hash, text))
        finally:
            del password.checking[mark]
        if right:
            password.proven, password.proven_until = mark, self._clock.time() + REMEMBERED_S
        return right

    async def _run(self, work: Callable[[], T]) -> T:
        if self._pending >= MAX_PENDING:
            raise TooFast(retry_after=1)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1


def _matches(hasher: PasswordHasher, password_hash: str, text: str) -> bool:
    try:
        return hasher.verify(password_hash, text)
    except VerifyMismatchError:
        return False
