"""Names across all of the pages' scripts; tsc and Biome check one module at a time."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

SCRIPTS = ROOT / "static" / "js"
TESTS = ROOT / "tests" / "browser"


def exported(script: Path) -> Iterator[str]:
    code = script.read_text("utf-8")
    yield from re.findall(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", code, re.MULTILINE)


def defined_types(script: Path) -> Iterator[str]:
    # A type import keeps its name and does not count as a definition.
    typedef = re.compile(r"@typedef \{(?!import\([^)]*\)\.\w+(?:<\w+>)?\}).+\} (\w+)")
    yield from typedef.findall(script.read_text("utf-8"))


def imported(script: Path) -> Iterator[tuple[Path, str]]:
    for names, path in re.findall(
        r'^(?:import|const) \{(.+?)\} (?:from |= await import\()"(\..+?)"\)?;$',
        script.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    ):
        for name in names.split(","):
            yield (script.parent / path).resolve(), name.split(" as ")[0].strip()


def test_every_export_is_imported_somewhere() -> None:
    scripts = list(SCRIPTS.rglob("*.js"))
    exports = {(script, name) for script in scripts for name in exported(script)}
    imports = {pair for script in (*scripts, *TESTS.glob("*.js")) for pair in imported(script)}
    assert len(exports) > len(scripts)
    assert exports - imports == set()


def test_an_exported_name_is_defined_once() -> None:
    scripts = list(SCRIPTS.rglob("*.js"))
    places = Counter(name for script in scripts for name in (*exported(script), *defined_types(script)))
    assert "ChatRecord" in places
    assert [name for name, count in places.items() if count > 1] == []
