"""The import rules: data flows one way, and each layer knows only the layers below it.

gifchat → handlers → realtime.chat → realtime
db → realtime.chat.ports, realtime.chat.desk.ports and realtime.chat.model; composition connects the parts
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("handlers", "realtime", "db", "lan", "terminal")
TOP = ("gifchat", "composition", "importing", "options")  # the modules beside the packages

# Within this project, a module in the folder on the left may import those on the right and its own folder, no others.
# The longest matching name decides. For other packages, see FOREIGN.
LAW: dict[str, tuple[str, ...]] = {
    # It starts and stops what the composition connects.
    "gifchat": (
        "composition",
        "importing",
        "options",
        "handlers",
        "realtime.errors",
        "realtime.chat.images.worker",
        "lan",
        "terminal",
    ),
    # It alone knows all parts.
    "composition": ("options", "handlers", "realtime", "db", "lan"),
    "importing": ("composition", "options", "handlers.resources", "realtime", "db"),
    "options": ("handlers.resources", "lan.names", "realtime.chat.images.model"),
    "handlers": ("realtime", "lan"),
    "realtime.errors": (),
    "realtime.bounds": (),
    "realtime.address": (),
    "realtime.clock": (),
    "realtime.unicode": (),
    "realtime.deferred": (),
    "realtime.reason": (),
    "realtime.redaction": (),
    "realtime.wire": ("realtime.reason",),
    "realtime.histogram": (),
    "realtime.membership": (),
    "realtime.throttled": (),
    "realtime.engineio": (
        "realtime.errors",
        "realtime.clock",
        "realtime.deferred",
        "realtime.reason",
        "realtime.throttled",
        "realtime.unicode",
        "realtime.wire",
    ),
    "realtime.socketio": (
        "realtime.bounds",
        "realtime.errors",
        "realtime.clock",
        "realtime.unicode",
        "realtime.deferred",
        "realtime.engineio",
        "realtime.hub",
        "realtime.reason",
        "realtime.redaction",
        "realtime.wire",
    ),
    "realtime.fanout": (
        "realtime.clock",
        "realtime.histogram",
        "realtime.reason",
        "realtime.membership",
        "realtime.engineio",
        "realtime.socketio",
    ),
    "realtime.hub": (
        "realtime.bounds",
        "realtime.errors",
        "realtime.clock",
        "realtime.deferred",
        "realtime.reason",
        "realtime.membership",
        "realtime.engineio",
        "realtime.socketio",
        "realtime.fanout",
        "realtime.wire",
    ),
    "realtime.lessons": (
        "realtime.errors",
        "realtime.clock",
        "realtime.hub",
        "realtime.reason",
        "realtime.socketio.packet",
        "realtime.address",
        "realtime.chat.model",
        "realtime.chat.rates",
        "realtime.chat.shares",
    ),
    "realtime.chat.model": (),
    # Storage that the chat needs. `db` implements it and knows nothing else of the chat.
    "realtime.chat.ports": (
        "realtime.deferred",
        "realtime.chat.model",
        "realtime.chat.records",
        "realtime.chat.desk.ports",
        "realtime.chat.image_ports",
    ),
    "realtime.chat.image_ports": ("realtime.chat.model",),
    "realtime.chat.desk.ports": ("realtime.chat.model",),
    "realtime.chat.wire_forms": ("realtime.chat.model",),
    "realtime.chat.saved": ("realtime.chat.model", "realtime.chat.wire_forms"),
    "realtime.chat.records": ("realtime.chat.model", "realtime.chat.wire_forms", "realtime.errors"),
    "realtime.chat.text": ("realtime.unicode",),
    "realtime.chat.policy": ("realtime.errors", "realtime.chat.model", "realtime.chat.text"),
    "realtime.chat.images": ("realtime.errors",),
    "realtime.chat.passwords": ("realtime.clock", "realtime.chat.turns"),
    "realtime.chat.turns": ("realtime.deferred", "realtime.errors"),
    "realtime.chat.occupancy": ("realtime.errors",),
    "realtime.chat.rates": ("realtime.errors",),
    "realtime.chat.allowances": ("realtime.address", "realtime.errors", "realtime.chat.rates"),
    "realtime.chat.shares": ("realtime.chat.allowances",),
    "realtime.chat": ("realtime",),
    "db": (
        "realtime.chat.model",
        "realtime.chat.ports",
        "realtime.chat.desk.ports",
        "realtime.chat.image_ports",
        "realtime.deferred",
        "realtime.errors",
        "realtime.histogram",
        "realtime.unicode",
    ),
    "lan.ranking": (),
    "lan": (),
    "terminal": ("lan",),
}

FOREIGN: dict[str, tuple[str, ...]] = {
    "gifchat": ("tornado", "sqlite3", "aiosqlite"),
    "composition": ("tornado", "sqlite3", "aiosqlite"),
    "importing": ("tornado", "sqlite3", "aiosqlite"),
    "options": ("tornado", "sqlite3", "aiosqlite"),
    "handlers": ("tornado.options", "sqlite3", "aiosqlite"),
    "realtime": ("tornado", "sqlite3", "aiosqlite"),
    "db": ("tornado",),
    "lan": ("tornado", "sqlite3", "aiosqlite"),
    "terminal": ("tornado", "sqlite3", "aiosqlite"),
}

# Pure modules: values in, values out; no sockets, no loop, and the clock passed in.
PURE = (
    "realtime.errors",
    "realtime.histogram",
    "realtime.membership",
    "realtime.redaction",
    "realtime.engineio.framing",
    "realtime.engineio.packet",
    "realtime.engineio.states",
    "realtime.socketio.packet",
    "realtime.chat.model",
    "realtime.chat.records",
    "realtime.chat.wire_forms",
    "realtime.chat.saved",
    "realtime.unicode",
    "realtime.chat.text",
    "realtime.chat.occupancy",
    "realtime.chat.policy",
    "realtime.chat.rates",
    "realtime.chat.allowances",
    "realtime.chat.shares",
    "realtime.lessons.places",
    "realtime.chat.images.model",
    "realtime.chat.images.exif",
    "realtime.chat.images.icc",
    "realtime.chat.images.gif",
    "realtime.chat.images.png",
    "realtime.chat.images.jpeg",
    "realtime.chat.images.webp",
    "realtime.chat.images.scan",
    "handlers.export.look",
    "handlers.export.text",
)
IMPURE_IMPORTS = ("asyncio", "socket", "threading", "time", "logging", "os", "pathlib", "random")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, Path]:
    files = [*ROOT.glob("*.py"), *(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))]
    return {module_name(file): file for file in files}


SOURCES = sources()


def imports(module: str) -> set[str]:
    """Return the full names of all imports of `module`, including those inside functions; `from a import b` gives
    `a.b` if that is a module of ours, else `a`."""
    found: set[str] = set()
    path = SOURCES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for name in node.names:
                full = f"{base}.{name.name}"
                found.add(full if full in SOURCES or full in {"tornado.options"} else base)
    return found


def lies_in(module: str, folder: str) -> bool:
    return module == folder or module.startswith(f"{folder}.")


def rule(module: str, rules: dict[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    """Return the most specific rule for `module`."""
    fitting = [folder for folder in rules if lies_in(module, folder)]
    folder = max(fitting, key=len, default=module)
    return folder, rules.get(folder, ())


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    folder, allowed = rule(module, LAW)
    ours = {name for name in imports(module) if name.partition(".")[0] in (*PACKAGES, *TOP, "tests")}
    broken = {name for name in ours if not any(lies_in(name, below) for below in (folder, *allowed))}
    assert not broken, f"{module} may not import {sorted(broken)}"


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_module_imports_only_its_layers_libraries(module: str) -> None:
    _, forbidden = rule(module, FOREIGN)
    broken = {name for name in imports(module) if any(lies_in(name, library) for library in forbidden)}
    assert not broken, f"{module} may not import {sorted(broken)}"


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_does_no_input_or_output(module: str) -> None:
    assert module in SOURCES
    broken = {name for name in imports(module) if any(lies_in(name, library) for library in IMPURE_IMPORTS)}
    assert not broken, f"{module} is pure and may not import {sorted(broken)}"


def test_every_module_has_an_import_rule() -> None:
    assert {module for module in SOURCES if module.partition(".")[0] not in PACKAGES} == set(TOP)
    assert not [module for module in SOURCES if module != "realtime" and rule(module, LAW)[0] not in LAW]


def types(module: str) -> Iterator[str]:
    """Yield the names of the public classes and type aliases that `module` defines."""
    for node in ast.parse(SOURCES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from (name for name in names if re.fullmatch(r"[A-Z][A-Za-z]*[a-z][A-Za-z]*", name))


def test_a_type_name_is_defined_in_one_module_only() -> None:
    places: dict[str, list[str]] = {}
    for module in SOURCES:
        for name in types(module):
            places.setdefault(name, []).append(module)
    assert not {name: modules for name, modules in places.items() if len(modules) > 1}


def test_there_are_no_import_cycles() -> None:
    """There are no import cycles, so any module can be imported first."""
    edges = {module: {name for name in imports(module) if name in SOURCES and name != module} for module in SOURCES}
    done: set[str] = set()
    path: list[str] = []

    def visit(module: str) -> None:
        assert module not in path, " → ".join([*path[path.index(module) :], module])
        if module not in done:
            path.append(module)
            for below in sorted(edges[module]):
                visit(below)
            path.pop()
            done.add(module)

    for module in sorted(SOURCES):
        visit(module)
