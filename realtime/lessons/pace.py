"""Throttles how fast a visitor's messages are read."""

import asyncio

from realtime.chat.model import Visitor
from realtime.chat.rates import RateLimiter
from realtime.errors import TooFast


class Pace:
    """Allows a visitor ten messages a second, with bursts of twenty; further ones wait, and so does their sender."""

    def __init__(self, rate: float) -> None:
        """Allow `rate` messages a second; 0 is unlimited."""
        self._limiter = RateLimiter(rate, 2 * rate)

    async def wait(self, who: Visitor) -> None:
        """Return when the next message of `who` may be read."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self._limiter.take(who.id, loop.time())
                return
            except TooFast as error:
                await asyncio.sleep(float(error.detail["retry_after"]))
