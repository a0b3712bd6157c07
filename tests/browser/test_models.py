"""The page's models without a page: the .test.js files here, run under Node."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

MODELS = sorted(file.name for file in Path(__file__).parent.glob("*.test.js"))


@pytest.mark.parametrize("models", MODELS)
def test_the_page_models_pass_their_tests_under_node(node: str, models: str) -> None:
    # Without --test, which would run the file in another process that outlives this one's time limit.
    ended = subprocess.run(
        [node, "--test-reporter=tap", str(Path(__file__).with_name(models))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    counts = {name: int(count) for name, count in re.findall(r"^# (tests|pass) (\d+)$", ended.stdout, re.M)}
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert counts["pass"] == counts["tests"] > 1
