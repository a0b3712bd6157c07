"""Draw docs/diagrams/*.svg from the code: `make diagrams`. A test compares the DOT files with the code.

Needs Graphviz (Debian's package graphviz).
"""

import subprocess
from pathlib import Path

from realtime.engineio.states import TRANSITIONS, State
from tests.test_imports import SOURCES, imports

FOLDER = Path(__file__).parent.parent.parent / "docs" / "diagrams"

STORAGE = "chat/ports.py, model.py, records.py, wire_forms.py\\nstorage interfaces, value types"

# The boxes of the layers diagram. A module belongs to the box with the longest matching name.
BOXES = {
    **dict.fromkeys(
        ("gifchat", "options", "composition", "importing"),
        "gifchat.py, options.py, composition.py, importing.py\\ncommand line",
    ),
    "handlers": "handlers/\\nHTTP and pages (Tornado)",
    "lan": "lan/\\naddresses, QR codes",
    "terminal": "terminal/\\nlog, output",
    "realtime.chat": "realtime/chat/\\nthe chat's rules",
    "realtime.chat.ports": STORAGE,
    "realtime.chat.desk.ports": STORAGE,
    "realtime.chat.image_ports": STORAGE,
    "realtime.chat.model": STORAGE,
    "realtime.chat.records": STORAGE,
    "realtime.chat.wire_forms": STORAGE,
    "realtime.lessons": "realtime/lessons/\\nchapters 1-3, live",
    "realtime": "realtime/\\nhub, broadcast",
    "realtime.socketio": "realtime/socketio/\\nconnections",
    "realtime.socketio.packet": "socketio/packet.py\\npacket codec",
    "realtime.engineio": "realtime/engineio/\\nsessions, frames",
    "db": "db/\\nSQLite, image folder",
}
# Small modules that anything may import; arrows to them would only clutter the diagram.
COMMON = (
    "realtime.errors",
    "realtime.address",
    "realtime.bounds",
    "realtime.clock",
    "realtime.deferred",
    "realtime.histogram",
    "realtime.reason",
    "realtime.redaction",
    "realtime.throttled",
    "realtime.unicode",
    "realtime.wire",
)

LOOK = 'node [shape=box, style=rounded, fontname="sans-serif", fontsize=12]; edge [fontname="sans-serif", fontsize=10];'


def layers() -> str:
    """Return the imports between folders, as DOT."""
    arrows = {
        (_box(module), _box(imported))
        for module in SOURCES
        for imported in imports(module)
        if imported in SOURCES and imported not in COMMON
    }
    lines = [f'  "{one}" -> "{other}";' for one, other in sorted(arrows) if one != other]
    return "\n".join(["digraph layers {", f"  rankdir=TB; {LOOK}", *lines, "}", ""])


def states() -> str:
    """Return the states and transitions of an Engine.IO session, as DOT."""
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
