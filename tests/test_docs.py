"""The documentation matches the code: everything in the code is documented, and everything documented exists."""

import graphlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

import options
from handlers.resources import STATIC, fingerprint
from handlers.routes import routes
from handlers.site import Site
from handlers.statuses import STATUS
from realtime.errors import DomainError
from tests.conftest import ROOT
from tests.examples.blocks import documents
from tests.server import running
from tools.diagrams.__main__ import DIAGRAMS
from tools.pictures.scenes import SCENES
from tools.pictures.words import WORDS
from tools.pictures.write import MAX_BYTES

READMES = ["README.md", "README.ko.md"]
CONTRIBUTING = ["CONTRIBUTING.md", "CONTRIBUTING.ko.md"]
DOCUMENTS = [path.relative_to(ROOT).as_posix() for path in documents()]
PROTOCOL = "docs/protocol.md"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return the text under a heading, up to the next heading of its level or above."""
    level = heading.partition(" ")[0]
    _, _, rest = text(name).partition(f"\n{heading}\n")
    assert rest, f"{name} has no {heading}"
    return re.split(rf"^#{{1,{len(level)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_column(table: str) -> list[str]:
    """Return all code spans in the first column of the tables in `table`."""
    cells = re.findall(r"^\| (.+?) \|", table, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`([^`]+)`", cell)]


# --- options


@pytest.mark.parametrize("readme", READMES)
def test_every_option_is_documented_with_its_variable_and_default(readme: str) -> None:
    rows = {row.partition("|")[0]: row for row in re.findall(r"^\| `(--.*)$", text(readme), re.MULTILINE)}
    for option in options.OPTIONS:
        row = next((row for name, row in rows.items() if re.match(rf"--{option.name}[ `]", name)), None)
        assert row is not None, option.name
        assert f"`{options.variable(option.name)}`" in row
        if option.metavar is not None and option.default is not None and option.name != "data":
            assert re.search(rf"\| `?{re.escape(option.default)}`? \|", row), row


@pytest.mark.parametrize("readme", READMES)
def test_no_documented_option_is_missing_from_the_code(readme: str) -> None:
    documented = set(re.findall(r"(?<![\w-])--([a-z][a-z-]+)", text(readme)))
    assert documented == {*(option.name for option in options.OPTIONS), "help", "version"}


def test_make_help_lists_every_target() -> None:
    makefile = text("Makefile")
    (targets,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    documented = re.findall(r"^\t@echo 'make ([\w-]+)", makefile, re.MULTILINE)
    assert set(targets.split()) - {"help", "setup-dev"} == set(documented)


# --- the pictures


@pytest.mark.parametrize("name", DIAGRAMS)
def test_each_diagram_matches_the_code(name: str) -> None:
    """`make diagrams` redraws them."""
    drawn = text(f"docs/diagrams/{name}.dot")
    assert drawn == DIAGRAMS[name]()
    arrows = re.findall(r'^  "([^"]+)" -> "([^"]+)"', drawn, re.MULTILINE)
    titles = re.findall(r"<title>(.+)</title>", html.unescape(text(f"docs/diagrams/{name}.svg")))
    assert {title.replace("\\n", "\n") for title in titles if "->" in title} == {
        f"{one}->{other}".replace("\\n", "\n") for one, other in arrows
    }


def test_no_arrow_between_folders_leads_back() -> None:
    """A module in the wrong box of `tools.diagrams`, or in the wrong folder, can lead back, though no import does."""
    below: dict[str, set[str]] = {}
    for one, other in re.findall(r'"(.+)" -> "(.+)";', DIAGRAMS["layers"]()):
        below.setdefault(one, set()).add(other)
    graphlib.TopologicalSorter(below).prepare()  # raises CycleError


# --- the wire


def paths(pattern: str) -> str:
    """Return a route's pattern in the notation of the docs."""
    if pattern.startswith(r"/socket\.io/("):
        return "/socket.io/socket.io.js"
    path = re.sub(
        r"\((.*)\)", lambda group: {r"[^/]+": "ID", r"favicon\.ico": "favicon.ico"}.get(group[1], "NAME"), pattern
    )
    return path.replace("\\", "").replace(fingerprint(STATIC), "VERSION")


def test_every_route_is_documented(tmp_path: Path) -> None:
    # The routes only need the site's image folder.
    site = cast(Site, type("Place", (), {"images": type("Images", (), {"folder": tmp_path})})())
    there = {f"{method} {paths(route.path)}" for route in routes(site) for method in route.guards}
    documented = {code for code in first_column(section(PROTOCOL, "## HTTP")) if re.match(r"[A-Z]+ /", code)}
    assert documented == there


def events_handled() -> set[str]:
    return set(re.findall(r'"(\w+)": self\._\w+,', text("realtime/chat/events.py")))


def events_sent() -> set[str]:
    """Return the event names passed to `emit` in the service and for a refusal, and those of records."""
    records = {"chat", "whisper", "join", "exit", "owner", "kick", "name"}
    files = [
        *(ROOT / "realtime" / "chat").glob("*.py"),
        *(ROOT / "realtime" / "chat" / "desk" / name for name in ("service.py", "held.py", "seating.py")),
    ]
    sources = [file.read_text(encoding="utf-8") for file in files]
    emitted = {name for source in sources for name in re.findall(r'\bemit\(\s*"(\w+)"', source)}
    lost = {name for source in sources for name in re.findall(r'"(kicked|closed|seatNeeded)",', source)}
    refused = set(re.findall(r'\bsocket\.emit\("(\w+)", body\)', text("realtime/hub.py")))
    return records | emitted | lost | refused


def test_every_event_is_documented() -> None:
    lobby, chat = section(PROTOCOL, "### `/room`: the lobby"), section(PROTOCOL, "### `/chat`: in a room")
    to_server, from_server = re.split(r"^\| from the server ", chat, flags=re.MULTILINE)
    assert set(first_column(to_server)) == events_handled()
    assert set(first_column(from_server)) | set(first_column(lobby)) == events_sent()
    to_server, from_server = re.split(
        r"^\| from the server ", section(PROTOCOL, "### `/desk`: the teacher's desk"), flags=re.MULTILINE
    )
    desk = [text(f"realtime/chat/desk/{name}.py") for name in ("events", "feed", "desks", "flags")]
    assert set(first_column(to_server)) == set(re.findall(r'"(\w+)": self\._\w+,', desk[0]))
    assert set(first_column(from_server)) == {
        name for source in desk for name in re.findall(r'\bemit\(\s*"(\w+)"', source)
    }
    lessons = section(PROTOCOL, "### `/`: the course's third chapter")
    assert set(re.findall(r"`(\w+)`", lessons)) == set(
        re.findall(r'\b(?:on|emit)\("(\w+)"', text("realtime/lessons/news.py"))
    )
    feed = section(PROTOCOL, "### `/lessons`: the feed")
    assert set(first_column(feed)) == set(re.findall(r'\bemit\("(\w+)"', text("realtime/lessons/feed.py")))


def subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


def test_every_error_code_is_documented_with_its_status() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", section(PROTOCOL, "## Codes"), re.MULTILINE))
    ours = [error for error in subclasses(DomainError) if error.__module__ == "realtime.errors"]
    assert rows == {error.code: str(int(STATUS[error])) for error in ours}
    for code in re.findall(r"\d{3} `(\w+)`", section(PROTOCOL, "## HTTP")):
        assert code in rows, code


def test_every_metric_is_documented(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        visitor = server.visitor()
        visitor.get("/nowhere")
        answer = visitor.get("/metrics").text
    documented = set(first_column(section(PROTOCOL, "## Metrics")))
    samples = set(
        re.findall(
            r"^(\w+?)(?:_created|_bucket|_count|_sum)?[ {]",
            re.sub(r"^#.*\n", "", answer, flags=re.MULTILINE),
            re.MULTILINE,
        )
    )
    assert {name for name in samples if f"{name}_total" not in samples} == documented


# --- the documents themselves


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_in_documents_are_not_broken(document: str) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)#?([^):]*)\)", text(document)):
        path = ROOT / document if not target else (ROOT / document).parent / target
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path), anchor


@pytest.mark.parametrize("pair", [READMES, CONTRIBUTING], ids=lambda pair: pair[0])
def test_both_languages_have_the_same_structure(pair: list[str]) -> None:
    def shape(document: str) -> list[str]:
        parts = r"^(#+) |^(```\w*)|^\| `(-*[\w/.-]+)|^!\[[^]]*\]\((?:docs/img/\w+/)?(.+)\)|^(-) "
        return re.findall(parts, text(document), re.MULTILINE)

    english, korean = map(shape, pair)
    assert english == korean


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_every_screenshot_is_shown_and_small(readme: str, language: str) -> None:
    there = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "docs" / "img" / language).iterdir()}
    assert set(re.findall(r"^!\[.+\]\((.+)\)$", text(readme), re.MULTILINE)) == set(there)
    assert {path.stem for path in there.values()} == set(SCENES)
    assert max(path.stat().st_size for path in there.values()) <= MAX_BYTES
    assert {path.name for path in (ROOT / "docs" / "img").iterdir()} == set(WORDS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_named_in_a_document_exists(document: str) -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", text("Makefile"), re.MULTILINE)
    assert set(re.findall(r"`make ([\w-]+)", text(document))) <= set(targets.split())


def test_the_version_is_the_same_everywhere() -> None:
    assert f'version = "{options.VERSION}"' in text("pyproject.toml")
