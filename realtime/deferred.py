"""A result to come that tells its callbacks at once, in the same turn of the event loop.

asyncio's own future tells them a turn later. A message goes through three results, from SQLite's thread to its sender;
told at once, its ack still leaves in the same piece as what the room is sent.
"""

import asyncio
import logging
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Deferred(Generic[T]):
    """To be settled once, with a result or an exception; awaiting it waits for that, and stopping to wait is harmless.

    It has the methods of asyncio's future by the same names, but cannot be cancelled.
    """

    __slots__ = ("_callbacks", "_exception", "_result", "_settled")

    def __init__(self) -> None:
        self._settled = False
        self._result: T | None = None
        self._exception: Exception | None = None
        self._callbacks: list[Callable[[Deferred[T]], object]] = []

    def done(self) -> bool:
        """Return whether it is settled."""
        return self._settled

    def result(self) -> T:
        """Return what it was settled with, or raise it."""
        assert self._settled
        if self._exception is not None:
            raise self._exception
        return self._result  # type: ignore[return-value]  # it is there: this is settled

    def exception(self) -> Exception | None:
        """Return the exception it was settled with, if it was one."""
        return self._exception

    def set_result(self, result: T) -> None:
        """Settle it."""
        self._settle(result, None)

    def set_exception(self, exception: Exception) -> None:
        """Settle it with an exception."""
        self._settle(None, exception)

    def add_done_callback(self, callback: "Callable[[Deferred[T]], object]") -> None:
        """Have `callback` called when this is settled; if it is already, in the next turn, never from in here."""
        if self._settled:
            asyncio.get_running_loop().call_soon(callback, self)
        else:
            self._callbacks.append(callback)

    def __await__(self) -> Generator[Any, None, T]:
        if not self._settled:
            settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.add_done_callback(partial(_wake, settled))
            yield from settled
        return self.result()

    def _settle(self, result: T | None, exception: Exception | None) -> None:
        assert not self._settled
        self._result, self._exception = result, exception
        self._settled = True
        for callback in self._callbacks:
            try:
                callback(self)
            except Exception:  # a defect in one must not keep the others, or the rest of a batch, without an answer
                log.exception("a callback failed")
        self._callbacks.clear()


def failed(error: Exception) -> Deferred[Any]:
    """Return one that is settled with `error`."""
    deferred: Deferred[Any] = Deferred()
    deferred.set_exception(error)
    return deferred


def _wake(waiter: "asyncio.Future[None]", _: Deferred[Any]) -> None:
    if not waiter.done():  # it was cancelled
        waiter.set_result(None)
