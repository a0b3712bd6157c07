"""Draw docs/diagrams/*.svg from the code: `make diagrams`. The DOT beside each picture is what a test compares.

Graphviz lays them out (Debian's package graphviz).
"""

import subprocess
from pathlib import Path

from realtime.engineio.states import TRANSITIONS, State
from tests.test_imports import SOURCES, imports

FOLDER = Path(__file__).parent.parent.parent / "docs" / "diagrams"

KEPT = "chat/ports.py, model.py, records.py\\nwhat the chat needs kept"

# The boxes of the large picture, and what is in each: the longest name that fits a module is its box.
BOXES = {
    **dict.fromkeys(("gifchat", "options", "composition"), "gifchat.py, options.py, composition.py\\nthe command"),
    "handlers": "handlers/\\nTornado, pages, forms",
    "lan": "lan/\\naddresses, QR codes",
    "realtime.chat": "realtime/chat/\\nthe rules: who may what",
    "realtime.chat.ports": KEPT,
    "realtime.chat.model": KEPT,
    "realtime.chat.records": KEPT,
    "realtime.lessons": "realtime/lessons/\\nchapters 1-3, live",
    "realtime": "realtime/\\nhub, fan-out, occupancy",
    "realtime.socketio": "realtime/socketio/\\nconnections",
    "realtime.socketio.packet": "socketio/packet.py\\nthe codec",
    "realtime.engineio": "realtime/engineio/\\nsessions, frames",
    "db": "db/\\nSQLite, the folder of images",
}
# Small modules that everybody may use: an arrow to them says nothing.
EVERYBODYS = (
    "realtime.errors",
    "realtime.clock",
    "realtime.deferred",
    "realtime.reason",
    "realtime.redaction",
    "realtime.unicode",
    "realtime.wire",
)

LOOK = 'node [shape=box, style=rounded, fontname="sans-serif", fontsize=12]; edge [fontname="sans-serif", fontsize=10];'


def layers() -> str:
    """Return which folder imports which, as DOT."""
    arrows = {
        (_box(module), _box(imported))
        for module in SOURCES
        for imported in imports(module)
        if imported in SOURCES and imported not in EVERYBODYS
    }
    lines = [f'  "{one}" -> "{other}";' for one, other in sorted(arrows) if one != other]
    return "\n".join(["digraph layers {", f"  rankdir=TB; {LOOK}", *lines, "}", ""])


def states() -> str:
    """Return an Engine.IO session's states and what moves it between them, as DOT."""
    lines = [f'  "{state.name}";' for state in State]
    for (state, trigger), following in TRANSITIONS.items():
        label = trigger.name.lower().replace("_", " ")
        lines.append(f'  "{state.name}" -> "{following.name}" [label="{label}"];')
    return "\n".join(["digraph states {", f"  rankdir=LR; {LOOK}", *lines, "}", ""])


DIAGRAMS = {"layers": layers, "session-states": states}


def _box(module: str) -> str:
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(BOXES[name] for name in names if name in BOXES)


def main() -> None:
    """Write each diagram as DOT and as SVG."""
    for name, diagram in DIAGRAMS.items():
        (FOLDER / f"{name}.dot").write_text(diagram(), encoding="utf-8")
        subprocess.run(["dot", "-Tsvg", f"-o{FOLDER / name}.svg", f"{FOLDER / name}.dot"], check=True)


if __name__ == "__main__":
    main()
