"""The chat through the real socket.io-client: each `app_*.test.js` runs under Node against a running gifchat.py."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.server import Server, environment, running

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all scripts, with a short grace time, so that empty rooms are deleted soon."""
    with running(tmp_path_factory.mktemp("app") / "data", "--rate", "0", "--grace", "0.5") as server:
        yield server


@pytest.mark.parametrize("script", sorted(FOLDER.glob("app_*.test.js")), ids=lambda script: script.name)
def test_the_chat_works_with_the_official_client(script: Path, server: Server, node: str) -> None:
    ended = subprocess.run(
        [node, "--test", "--test-reporter=tap", str(script)],
        cwd=ROOT,
        env=environment(GIFCHAT_URL=server.url),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    counts = {
        name: int(count) for name, count in re.findall(r"^# (tests|pass|fail|skipped) (\d+)$", ended.stdout, re.M)
    }
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert counts["tests"] > 1
    assert counts["pass"] == counts["tests"]
