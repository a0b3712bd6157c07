"""The log on stderr: one line for each event, as text or as JSON, and one line for many that are alike.

Lines are alike if they have the same logger, level and message but for its values. Whoever causes thousands of them, a
flooding client or a full disk, gets a few lines, and then one every five seconds that counts the others.
"""

import datetime
import json
import logging
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final, Literal

TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
EVERY_S: Final = 5.0
FEW: Final = {logging.INFO: 20}
"""How many alike are logged in that time, by level; of warnings and errors, one."""
MAX_KINDS: Final = 1000


@dataclass(slots=True)
class _Kind:
    """Lines that are alike, since one of them was logged."""

    since: float
    logged: int = 0
    more: int = 0
    last: logging.LogRecord | None = None


class Coalescing(logging.StreamHandler):  # type: ignore[type-arg]  # generic only for type checkers
    """Logs to `sys.stderr`. Lines below INFO are never counted together: who asks for them wants all."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._kinds: dict[tuple[str, int, object], _Kind] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Log a line, or count it."""
        if record.levelno < logging.INFO:
            super().emit(record)
            return
        self.flush_counted()
        key = record.name, record.levelno, record.msg
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= MAX_KINDS:
                del self._kinds[next(iter(self._kinds))]
            kind = self._kinds[key] = _Kind(time.monotonic())
        if kind.logged < FEW.get(record.levelno, 1):
            kind.logged += 1
            super().emit(record)
        else:
            kind.more += 1
            kind.last = record
            self._look_later()

    def flush_counted(self, *, now: bool = False) -> None:
        """Log the lines counted over the last five seconds, or less if `now`: the last one, and how many more."""
        due = time.monotonic() - EVERY_S
        for key, kind in list(self._kinds.items()):
            if kind.since > due and not now:
                break  # they are in order
            del self._kinds[key]
            if kind.last is not None:
                kind.last.more = kind.more - 1
                super().emit(kind.last)
                # It goes on: what follows is counted from the start.
                self._kinds[key] = _Kind(time.monotonic(), logged=sys.maxsize)

    def _look_later(self) -> None:
        """Log what is counted even if nothing else is logged any more."""
        if self._timer is None:
            self._timer = threading.Timer(EVERY_S, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        self.acquire()
        try:
            self._timer = None
            self.flush_counted()
            if any(kind.last is not None for kind in self._kinds.values()):
                self._look_later()
        finally:
            self.release()

    def close(self) -> None:
        """Log what is counted; at the end of the program."""
        self.acquire()
        try:
            self.flush_counted(now=True)
        finally:
            self.release()
        super().close()


class Text(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line, with how many more there were."""
        more = getattr(record, "more", 0)
        return super().formatMessage(record) + (f" (and {more} more like this)" if more else "")


class Json(logging.Formatter):
    """Lines for programs: a JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, without values that a line does not have."""
        line: dict[str, object] = {
            "time": f"{datetime.datetime.fromtimestamp(record.created, datetime.UTC):%Y-%m-%dT%H:%M:%S}"
            f".{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if more := getattr(record, "more", 0):
            line["more"] = more
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)  # in ASCII: names of files need not be Unicode


def set_up(form: Literal["text", "json"], *, debug: bool) -> None:
    """Log what an operator should know and, with `debug`, every request, packet and query."""
    handler = Coalescing()
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    if debug:
        logging.getLogger("gifchat").setLevel(logging.DEBUG)
    else:
        logging.getLogger("tornado.access").setLevel(logging.ERROR)
