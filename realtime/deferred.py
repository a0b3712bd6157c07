"""A future that runs its callbacks synchronously, in the same event loop iteration.

asyncio's own future runs them one iteration later. A message passes through three results, from SQLite's thread to its
sender; with synchronous callbacks, its ack is sent in the same write as the room's frames.
"""

import asyncio
import logging
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Deferred(Generic[T]):
    """Settled once, with a result or an exception. It can be awaited; cancelling the waiter does not affect it.

    Its methods are named as those of asyncio's future, but it cannot be cancelled.
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
        """Return its result, or raise its exception."""
        assert self._settled
        if self._exception is not None:
            raise self._exception
        return self._result  # type: ignore[return-value]  # it is there: this is settled

    def exception(self) -> Exception | None:
        """Return its exception, if any."""
        return self._exception

    def set_result(self, result: T) -> None:
        """Settle it with a result."""
        self._settle(result, None)

    def set_exception(self, exception: Exception) -> None:
        """Settle it with an exception."""
        self._settle(None, exception)

    def add_done_callback(self, callback: "Callable[[Deferred[T]], object]") -> None:
        """Call `callback` when this is settled; if it already is, in the next loop iteration, never from in here."""
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
            except Exception:  # a bug in one callback must not leave the others, or the rest of a batch, unanswered
                log.exception("a callback failed")
        self._callbacks.clear()


def failed(error: Exception) -> Deferred[Any]:
    """Return a Deferred settled with `error`."""
    deferred: Deferred[Any] = Deferred()
    deferred.set_exception(error)
    return deferred


def _wake(waiter: "asyncio.Future[None]", _: Deferred[Any]) -> None:
    if not waiter.done():  # it was cancelled
        waiter.set_result(None)
