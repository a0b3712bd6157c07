"""One Chromium for all files of browser tests that a process runs: it takes longer to start than most of them."""

import asyncio
import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Error, Playwright, expect, sync_playwright

from tests.browser.room_page import until

# Not a loopback name and not a secure origin: what a laptop's address is to a phone.
CLASSROOM = "classroom.lan"

# A name that the server does not answer to.
FOREIGN = "foreign.example"

EXPECT_TIMEOUT_MS = 30_000
ACTION_TIMEOUT_MS = 60_000

# Chromium must not contact the outside world in tests.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--host-resolver-rules=MAP {CLASSROOM} 127.0.0.1, MAP {FOREIGN} 127.0.0.1",
]


class Chromium:
    """Started when a file first takes it, and again after it was killed.

    Playwright leaves its event loop suspended in this thread, where asyncio takes it for running. Between the files it
    is put away, because others run loops of their own.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def take(self) -> Browser:
        """Return it, for one file."""
        if self._browser is None:
            self._playwright = sync_playwright().start()
            self._browser = _launch(self._playwright)
        else:
            asyncio._set_running_loop(self._loop)
        return self._browser

    def put_away(self) -> None:
        """Close what the file has left open."""
        for context in list(self._browser.contexts) if self._browser is not None else []:
            close(context)
        self._loop = asyncio._get_running_loop()  # none after it was killed
        asyncio._set_running_loop(None)

    def lose(self) -> None:
        """Give it up: it was killed."""
        self._playwright = self._browser = None

    def stop(self) -> None:
        """Stop it for good."""
        if self._browser is not None and self._playwright is not None:
            self.take().close()
            self._playwright.stop()


def _launch(playwright: Playwright) -> Browser:
    path = executable() or playwright.chromium.executable_path
    if not Path(path).exists():
        pytest.fail("these tests need Chromium, and there is none: run them by 'make test'")
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=ACTION_TIMEOUT_MS)


def executable() -> str | None:
    """Return the Chromium that tools/browser found or installed, if there is one."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def close(context: BrowserContext) -> None:
    """Close a context with its pages."""
    # Playwright 1.65 waits for ever for a context of Chromium 156 to close in which a page is navigating.
    for page in context.pages:
        until(page, partial(_stopped, context.new_cdp_session(page)))
    context.close()
    # A request that a test held and never answered has a task that waits; forgotten, it is logged by another test.
    for task in asyncio.all_tasks():
        if "_on_route" in repr(task.get_coro()):
            task.cancel()


def _stopped(session: CDPSession) -> bool:
    """Stop what the page is loading; return whether it was stopped."""
    try:
        session.send("Page.stopLoading")
    except Error as error:  # the page has just been replaced by the one it was loading
        if "Not attached to an active page" not in error.message:
            raise
        return False
    return True
