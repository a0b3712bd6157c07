"""The log's form, and floods of lines that are alike."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal import logs
from terminal.logs import FEW, Coalescing
from tests.server import start

Lines = list[str]


class Log:
    """A logger that writes through the handler, and a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stream = io.StringIO()
        monkeypatch.setattr(sys, "stderr", self._stream)
        self.now = 100.0
        monkeypatch.setattr("terminal.logs.time.monotonic", lambda: self.now)
        monkeypatch.setattr(Coalescing, "_look_later", lambda _: None)
        self.handler = Coalescing()
        self.handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        self.logger = logging.Logger("test", logging.DEBUG)
        self.logger.addHandler(self.handler)

    def lines(self) -> Lines:
        """Return the lines since the last call."""
        lines = self._stream.getvalue().splitlines()
        self._stream.seek(0)
        self._stream.truncate()
        return lines


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    log = Log(monkeypatch)
    yield log
    log.handler.close()


def test_a_flood_of_warnings_is_a_line_and_a_count_every_five_seconds(log: Log) -> None:
    log.handler.setFormatter(logs.Text())
    for number in range(1000):
        log.logger.warning("%d writes failed: %s", number, "full")
    [first] = log.lines()
    assert first.endswith(" WARNING test: 0 writes failed: full")
    for round_ in range(2):
        log.now += 5
        for _ in range(100):
            log.logger.warning("%d writes failed: %s", round_, "full")
        [line] = log.lines()
        assert line.endswith(f"writes failed: full (and {(998, 99)[round_]} more like this)")


def test_different_lines_are_all_logged(log: Log) -> None:
    log.logger.warning("one %s", 1)
    log.logger.warning("other %s", 1)
    log.logger.error("one %s", 1)
    assert log.lines() == ["WARNING one 1", "WARNING other 1", "ERROR one 1"]


def test_a_few_messages_are_all_logged(log: Log) -> None:
    """Pupils' answers in a lesson are alike, too."""
    few = FEW[logging.INFO]
    for number in range(few + 10):
        log.logger.info("said %d", number)
    assert log.lines() == [f"INFO said {number}" for number in range(few)]
    for number in range(few + 10):
        log.logger.debug("packet %d", number)
    assert len(log.lines()) == few + 10


def test_after_a_quiet_time_the_next_line_is_logged_at_once(log: Log) -> None:
    for _ in range(2):
        log.logger.warning("full")
    log.now += 5
    log.handler.flush_counted()
    assert log.lines() == ["WARNING full", "WARNING full"]
    log.now += 5
    log.logger.warning("full")
    assert log.lines() == ["WARNING full"]


def test_what_is_counted_is_logged_at_the_end(log: Log) -> None:
    log.handler.setFormatter(logs.Text())
    for _ in range(4):
        log.logger.warning("full")
    assert len(log.lines()) == 1
    log.handler.close()
    [line] = log.lines()
    assert line.endswith("full (and 2 more like this)")


def test_what_is_counted_is_logged_though_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(logs, "EVERY_S", 0.01)
    handler, logger = Coalescing(), logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("full")
    logger.warning("full again")
    logger.warning("full")
    timer = handler._timer
    assert timer is not None
    timer.join()
    assert stream.getvalue().splitlines() == ["full", "full again", "full"]
    handler.close()


def test_the_number_of_kinds_that_are_remembered_is_limited(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_KINDS", 10)
    for number in range(100):
        log.logger.warning(f"made by hand {number}")
    assert len(log.handler._kinds) == 10
    assert len(log.lines()) == 100


def test_a_json_line_has_all_there_is_to_say(log: Log) -> None:
    log.handler.setFormatter(logs.Json())
    try:
        raise ValueError("한 줄\n두 줄")
    except ValueError:
        log.logger.exception("a name: %s", "\udc80\n가")
    log.logger.warning("full")
    first, second = map(json.loads, log.lines())
    assert first.pop("time")[10] == "T"
    assert "두 줄" in first.pop("traceback")
    assert first == {"level": "error", "logger": "test", "message": "a name: \udc80\n가"}
    assert second.keys() == {"time", "level", "logger", "message"}


def test_a_server_logs_json_where_it_is_told_to(tmp_path: Path) -> None:
    server = start(tmp_path / "data", "--debug", env={"GIFCHAT_LOG_FORMAT": "json"})
    server.stop()
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    assert any(line["message"].startswith("127.0.0.1 GET /healthz 200") for line in lines)
    assert {tuple(line) for line in lines} == {("time", "level", "logger", "message")}
