"""The chat in Firefox, over WebDriver BiDi: one browser for all of firefox.test.js."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.images import encoded
from tests.server import environment, running

SCRIPT = Path(__file__).with_name("firefox.test.js")


def firefox() -> str:
    """Return the path of the Firefox that tools/firefox found or installed."""
    names = (os.environ.get("FIREFOX"), "firefox-esr", "firefox")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("these tests need Firefox, and there is none: run them by 'make test'")
    return found


def test_the_chat_works_in_firefox(tmp_path: Path, node: str) -> None:
    gif = tmp_path / "ball.gif"
    gif.write_bytes(encoded("GIF", frames=4, size=(120, 80)))
    with running(tmp_path / "data", "--grace", "30", "--rate", "0") as server:
        ended = subprocess.run(
            [node, "--test-reporter=tap", str(SCRIPT)],
            cwd=ROOT,
            env=environment(GIFCHAT_URL=server.url, GIFCHAT_GIF=str(gif), FIREFOX=firefox(), HOME=str(tmp_path)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=150,
            check=False,
        )
    counts = {name: int(count) for name, count in re.findall(r"^# (tests|pass) (\d+)$", ended.stdout, re.M)}
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert counts["pass"] == counts["tests"] > 1
