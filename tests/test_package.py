"""The contents of the binary and the zipapp, and their licences. `make test-built` tests the results."""

import re
import runpy
import sys
from importlib.metadata import PathDistribution, distribution
from pathlib import Path

import pytest

from handlers.resources import ROOT
from tools.package import contents, licences

PACKAGES = re.findall(r"^([\w-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def test_every_file_the_program_reads_is_packaged() -> None:
    inside = {str(file.relative_to(ROOT)) for file in contents.files()}
    assert {"schema.sql", "LICENSE", "templates/texts/ko.json", "static/shelf/shelf.json"} <= inside
    assert "node_modules/socket.io-client/dist/socket.io.min.js" in inside
    assert "handlers/lessons/poll.py" in inside  # shown in the lessons
    for folder in ("static", "templates"):
        there = {str(file.relative_to(ROOT)) for file in (ROOT / folder).rglob("*") if file.is_file()}
        assert there <= inside


def test_every_module_is_packaged() -> None:
    inside = {str(file.relative_to(ROOT)) for file in contents.modules()}
    assert {
        "gifchat.py",
        "options.py",
        "composition.py",
        "importing.py",
        "handlers/routes.py",
        "realtime/chat/images/worker.py",
        "db/lock.py",
        "lan/qr.py",
        "terminal/logs.py",
    } <= inside
    assert not [name for name in inside if name.startswith(("tests", "tools", "bench"))]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_bundled_package_has_its_licence(name: str) -> None:
    work, text = licences.of_package(distribution(name))
    assert re.fullmatch(rf"{name}\s[\d.]+", work, re.IGNORECASE) or name.replace("-", "_") in work
    assert re.search(r"copyright|permission", text, re.IGNORECASE)


def test_the_licence_of_uvloop_includes_that_of_libuv() -> None:
    _, text = licences.of_package(distribution("uvloop"))
    own, _, libuv = text.partition("libuv is a part of uvloop.")
    for terms in (own, libuv):
        assert "Permission is hereby granted" in terms
    assert "libuv project contributors" in libuv


def test_a_package_without_a_licence_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "nobodys-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: nobodys\nVersion: 1.0\n")
    with pytest.raises(licences.NoLicence, match="nobodys"):
        licences.of_package(PathDistribution(folder))


def test_the_licences_of_python_and_the_browser_client_are_included() -> None:
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in licences.of_python().text
    works = {work for work, _ in licences.of_client()}
    needed = {"socket.io-client", "engine.io-parser", "@highlightjs/cdn-assets"}
    assert {f"{package} (for browsers)" for package in needed} <= works


def test_installed_files_are_traced_to_their_packages() -> None:
    tornado = next(file for file in distribution("tornado").files or [] if file.name == "web.py")
    files = [Path(str(tornado.locate())), Path(re.__file__), ROOT / "gifchat.py"]
    works = {work.split()[0] for work, _ in licences.of_files(files)}
    assert "tornado" in works
    assert not works & {"gifchat", "gifchat.py"}


def test_each_work_is_listed_once_and_in_order() -> None:
    document = licences.document([licences.Licence(name, f"terms of {name}") for name in ("b", "a", "b")])
    assert re.findall(r"={100}\n(.)\n={100}", document) == ["a", "b"]
    assert document.count("terms of b") == 1


def test_a_zipapp_on_the_wrong_platform_says_what_it_was_built_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    preamble = str(Path(contents.__file__).with_name("preamble.py"))
    runpy.run_path(preamble)
    monkeypatch.setitem(sys.modules, "msgspec", None)
    with pytest.raises(SystemExit, match=r"^gifchat: this gifchat\.pyz was built for "):
        runpy.run_path(preamble)
