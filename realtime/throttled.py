"""Logging what peers can cause at any rate."""

import logging
import time
from typing import Final

log = logging.getLogger("gifchat")

LOG_EVERY_S: Final = 60.0


class ThrottledLog:
    """A log message that is logged at most once a minute, however often it is triggered."""

    def __init__(self) -> None:
        self._logged_at = -LOG_EVERY_S

    def log(self, level: int, message: str, *values: object) -> None:
        """Log it unless it was logged in the last minute."""
        if time.monotonic() - self._logged_at >= LOG_EVERY_S:
            self._logged_at = time.monotonic()
            log.log(level, message, *values)
