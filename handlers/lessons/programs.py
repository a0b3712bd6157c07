"""The source shown for each lesson: the browser's few lines, and the server's.

The server's are extracted from the files that run, so that the code shown is the code that answers.
"""

import ast
import textwrap
from collections.abc import Mapping
from pathlib import Path

import msgspec

from realtime.lessons.board import LESSONS, Lesson

BROWSER = "templates/lessons/programs"

# By lesson, the file and what is shown of it.
SERVER: Mapping[Lesson, tuple[str, tuple[str, ...]]] = {
    "polling": ("handlers/lessons/poll.py", ("PollHandler.get", "PollHandler._since")),
    "long_polling": (
        "handlers/lessons/poll.py",
        ("PollHandler.get", "PollHandler._next_event", "PollHandler._release"),
    ),
    "sse": ("handlers/lessons/events.py", ("EventsHandler.get", "EventsHandler._tell")),
    "websocket": (
        "handlers/lessons/websocket.py",
        ("LessonWebSocket.open", "LessonWebSocket._greet", "LessonWebSocket.on_message", "LessonWebSocket.on_close"),
    ),
    "socketio": ("realtime/lessons/news.py", ("News._connected", "News._tell", "News._reply", "News._disconnected")),
}


class Program(msgspec.Struct, frozen=True):
    """A lesson's programs: JavaScript that runs on any of our pages, and Python from `file`."""

    lesson: Lesson
    browser: str
    file: str
    server: str


def programs(root: Path) -> list[Program]:
    """Return the programs of all lessons, in the order they are taught; the files are under `root`."""
    return [_program(root, lesson) for lesson in LESSONS]


def _program(root: Path, lesson: Lesson) -> Program:
    file, names = SERVER[lesson]
    source = (root / file).read_text("utf-8")
    return Program(
        lesson=lesson,
        browser=(root / BROWSER / f"{lesson}.js").read_text("utf-8").strip(),
        file=file,
        server="\n\n".join(excerpt(source, name) for name in names),
    )


def excerpt(source: str, name: str) -> str:
    """Return the dedented source of the method `name`, `Class.method`, in a module's source."""
    owner, _, method = name.partition(".")
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ClassDef) and statement.name == owner:
            for node in statement.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == method:
                    return textwrap.dedent("\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno]))
    raise LookupError(name)
