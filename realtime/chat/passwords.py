"""Room passwords: argon2, off the loop, two at a time, so that a storm of guesses cannot starve the chat."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from realtime.errors import TooFast

T = TypeVar("T")

AT_ONCE = 2
WAITING = 50  # about two seconds of work; who comes then is told to come again


class Passwords:
    """Hashes with argon2-cffi's default parameters (RFC 9106, low-memory profile)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._pending = 0

    async def hash(self, password: str) -> str:
        """Return what is kept instead of the password. Raises TooFast when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str, password: str) -> bool:
        """Return whether the password is the right one. Raises TooFast when too many wait."""
        return await self._run(lambda: _matches(self._hasher, password_hash, password))

    def close(self) -> None:
        """End the threads; what they have begun is finished."""
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._pending >= WAITING:
            raise TooFast(retry_after=1)
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1


def _matches(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False
