"""What holds for every test.

*Async tests.* An `async def test_…` runs on pytest-tornado's loop, 100 s at most; nothing is to be marked. A fixture
stays a plain function and does what must be awaited by `io_loop.run_sync(…)`. A test of the HTTP handlers gives an
`app` fixture and asks for `http_client` and `base_url`, as pytest-tornado tells. The browser's tests are plain
functions: Playwright's synchronous interface keeps a loop of its own running, for their module only.

*Log lines.* A line of level WARNING or above that no test expected fails the test, as in Tornado's own suite; one that
was expected and did not come fails it too. A test that provokes one says so, before or after:

    def test_a_handler_that_raises_is_logged(expect_log: ExpectLog) -> None:
        expect_log("gifchat.hub", "handler of .* failed")

*Hypothesis* tries the same examples in every run, and gives each all the time it takes: a run is to tell of the commit
that it is of, and not of the machine or of luck. New ones, and more, are tried by `make soak`.

*Processes.* `tests.server.running` starts a real gifchat.py; see there.
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
"""`expect_log(logger, pattern)`: a line of that logger that the regular expression is found in belongs to this test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every `async def` test on pytest-tornado's loop; what its module says of its time holds."""
    for item in items:
        asynchronous = isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)
        if asynchronous and item.get_closest_marker("gen_test") is None:
            item.add_marker(pytest.mark.gen_test)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a file among a test's parameters by its size; pytest would write all of it out."""
    return f"{len(val)} bytes" if isinstance(val, bytes) and len(val) > LONGEST_IN_A_NAME else None


class _Lines(logging.Handler):
    """Keeps the log records of one test that somebody should look at."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        # A 4xx answer: the test that provoked it asserts its status.
        if record.name == "tornado.access" and record.levelno < logging.ERROR:
            return
        self.records.append(record)


@pytest.fixture(autouse=True)
def expect_log() -> Iterator[ExpectLog]:
    """Fail the test for a log line of level WARNING or above that it did not expect, or that it expected in vain."""
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
    told = [
        f"unexpected log line: {logging.Formatter('%(name)s %(levelname)s %(message)s').format(line)}"
        for line in surprises
    ]
    told += [f"expected log line did not come: {logger}: {pattern}" for logger, pattern in missing]
    if told:
        pytest.fail("\n".join(told), pytrace=False)


@pytest.fixture
def asyncio_loop() -> asyncio.AbstractEventLoop:
    """Return a new loop of the kind that the server runs on here."""
    return event_loop()


@pytest.fixture
def io_loop(asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[IOLoop]:
    """Make a test's loop: pytest-tornado's fixture, less the calls that Python 3.12 and Tornado 6.2 warn of."""
    loop = IOLoop(make_current=False, asyncio_loop=asyncio_loop)
    asyncio.set_event_loop(asyncio_loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close(all_fds=True)


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of Node.js: the machine's, or the one that tools/node-modules put into .venv."""
    found = shutil.which("node") or shutil.which(ROOT / ".venv" / "bin" / "node")
    if found is None:
        pytest.fail("these tests need Node.js, and there is none: run them by 'make test'")
    return found


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Return the folder for what a person may want to look at after the tests; git ignores it."""
    folder = ROOT / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
