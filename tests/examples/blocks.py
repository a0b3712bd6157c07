"""The fenced blocks of the documents, which readers copy and tests run."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

_FENCED = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTED_URL = "http://127.0.0.1:8005"  # the server of the documents
SCRIPT = re.compile(rf"URL={re.escape(DOCUMENTED_URL)}\n")  # a shell block that begins with this is one script
IN_THE_BROWSER = "// in the browser\n"  # a JavaScript block that begins with this is for the browser's console

_PROGRAM = re.compile(r"(?:#|//) (?:python|node) (\S+)")


class Block(NamedTuple):
    """A fenced block: its location, its language, its contents."""

    document: str
    line: int
    language: str
    code: str

    @property
    def program(self) -> str | None:
        """The file's name, if the block begins with the command that runs it as a file."""
        found = _PROGRAM.match(self.code)
        return found[1] if found else None

    @property
    def commands(self) -> list[str]:
        """Its lines without comments, one for each command."""
        lines = re.sub(r"\\\n\s*", "", self.code).splitlines()
        return [command for line in lines if (command := re.sub(r"(^|\s+)#.*", "", line).strip())]


def documents() -> list[Path]:
    """Return all documents for readers."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of all documents, or those in `languages`."""
    found = []
    for path in documents():
        text = path.read_text(encoding="utf-8")
        here = [
            Block(path.relative_to(ROOT).as_posix(), 1 + text.count("\n", 0, fenced.start()), fenced[1], fenced[2])
            for fenced in _FENCED.finditer(text)
        ]
        fences = re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE)
        assert len(fences) == 2 * len(here), f"{path}: a block that is not fenced as the others are"
        found += here
    return [block for block in found if not languages or block.language in languages]


def name(block: Block) -> str:
    """Return the name of a block for test ids."""
    return f"{block.document}:{block.line}"
