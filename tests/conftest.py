"""Fixtures and rules for all tests.

*Async tests.* An `async def test_…` runs on pytest-tornado's loop for at most 100 s; it needs no mark. Fixtures are
plain functions and await with `io_loop.run_sync(…)`. Browser tests are plain functions, since Playwright's synchronous
interface runs a loop of its own for the length of their module.

*Log lines.* An unexpected log line of level WARNING or above fails the test, as in Tornado's own suite, and so does an
expected line that does not come. A test that causes one declares it, before or after:

    def test_a_handler_that_raises_is_logged(expect_log: ExpectLog) -> None:
        expect_log("gifchat.hub", "handler of .* failed")

*Hypothesis* tries the same examples in every run, without a deadline, so that a result depends on the commit and not on
the machine or on luck. `make soak` tries more and new ones.

*Processes.* `tests.server.running` starts a real gifchat.py.
"""

import asyncio
import inspect
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tornado.ioloop import IOLoop

from gifchat import event_loop

ROOT = Path(__file__).resolve().parent.parent

LONGEST_IN_A_NAME = 40

settings.register_profile("same", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("new", settings.get_profile("same"), derandomize=False, max_examples=1000)
settings.load_profile("same")

ExpectLog = Callable[[str, str], None]
"""`expect_log(logger, pattern)`: this test expects a line of that logger that matches the regular expression."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every `async def` test on pytest-tornado's loop, with the time limit that its module sets, if any."""
    for item in items:
        asynchronous = isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)
        if asynchronous and item.get_closest_marker("gen_test") is None:
            item.add_marker(pytest.mark.gen_test)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a bytes parameter by its size; pytest would print all of it."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > LONGEST_IN_A_NAME else None


class _Lines(logging.Handler):
    """Collects the log records of one test at level WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        # A 4xx answer: the test that caused it asserts its status.
        if record.name == "tornado.access" and record.levelno < logging.ERROR:
            return
        self.records.append(record)


@pytest.fixture(autouse=True)
def expect_log() -> Iterator[ExpectLog]:
    """Fail the test for an unexpected log line of level WARNING or above, or an expected one that did not come."""
    lines = _Lines()
    expected: list[tuple[str, str]] = []

    def expect(logger: str, pattern: str) -> None:
        expected.append((logger, pattern))

    root = logging.getLogger()
    root.addHandler(lines)
    try:
        yield expect
    finally:
        root.removeHandler(lines)

    def belongs(record: logging.LogRecord, logger: str, pattern: str) -> bool:
        return record.name == logger and re.search(pattern, record.getMessage()) is not None

    surprises = [line for line in lines.records if not any(belongs(line, *wanted) for wanted in expected)]
    missing = [wanted for wanted in expected if not any(belongs(line, *wanted) for line in lines.records)]
    problems = [
        f"unexpected log line: {logging.Formatter('%(name)s %(levelname)s %(message)s').format(line)}"
        for line in surprises
    ]
    problems += [f"expected log line did not come: {logger}: {pattern}" for logger, pattern in missing]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture
def asyncio_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop of the kind the server uses on this system."""
    return event_loop()


@pytest.fixture
def io_loop(asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[IOLoop]:
    """Make a test's loop: pytest-tornado's fixture without the calls that Python 3.12 and Tornado 6.2 deprecate."""
    loop = IOLoop(make_current=False, asyncio_loop=asyncio_loop)
    asyncio.set_event_loop(asyncio_loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close(all_fds=True)


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node.js: the system's, or the one that tools/node-modules installed into .venv."""
    found = shutil.which("node") or shutil.which(ROOT / ".venv" / "bin" / "node")
    if found is None:
        pytest.fail("these tests need Node.js, and there is none: run them by 'make test'")
    return found


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Return the folder for output to inspect after the tests; git ignores it."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
