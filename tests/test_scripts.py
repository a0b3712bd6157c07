"""The pages' scripts: what one exports, another one or a test imports. tsc and Biome look at one module at a time."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

SCRIPTS = ROOT / "static" / "js"
TESTS = ROOT / "tests" / "browser"


def exported(script: Path) -> Iterator[str]:
    code = script.read_text("utf-8")
    yield from re.findall(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", code, re.MULTILINE)


def imported(script: Path) -> Iterator[tuple[Path, str]]:
    for names, path in re.findall(
        r'^import \{(.+?)\} from "(\..+?)";$', script.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        for name in names.split(","):
            yield (script.parent / path).resolve(), name.split(" as ")[0].strip()


def test_no_script_exports_what_nobody_imports() -> None:
    scripts = list(SCRIPTS.rglob("*.js"))
    exports = {(script, name) for script in scripts for name in exported(script)}
    imports = {pair for script in (*scripts, *TESTS.glob("*.js")) for pair in imported(script)}
    assert len(exports) > len(scripts)
    assert exports - imports == set()
