"""The licences of bundled third-party software, as one text."""

import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import NamedTuple

from handlers.resources import ROOT

RULE = "=" * 100
NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE")

# libuv is compiled into uvloop, whose own licence files do not mention it.
LIBUV = (
    "Copyright (c) 2015-present libuv project contributors.\nCopyright Joyent, Inc. and other Node contributors.",
    "libuv is a part of uvloop. Third-party software in libuv: https://github.com/libuv/libuv/blob/v1.x/LICENSE",
)


class Licence(NamedTuple):
    """A work, and the terms for distributing it."""

    work: str
    text: str


class NoLicence(LookupError):
    """A bundled work's licence cannot be found."""


def document(licences: Iterable[Licence]) -> str:
    """Return the text of `licences`, sorted by name, each work once."""
    parts = [f"{RULE}\n{work}\n{RULE}\n\n{text.strip()}\n" for work, text in sorted(set(licences))]
    return "gifchat includes third-party software under the following licences.\n\n" + "\n".join(parts)


def of_python() -> Licence:
    """Return the licence of the interpreter and its standard library."""
    places = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_config_var("installed_base")))
    texts = [place / "LICENSE.txt" for place in places if (place / "LICENSE.txt").is_file()]
    if not texts:
        raise NoLicence("Python's own LICENSE.txt is not where this Python is installed")
    more = "Third-party software in Python: https://docs.python.org/3/license.html"
    return Licence(f"Python {sysconfig.get_python_version()}", f"{texts[0].read_text('utf-8')}\n\n{more}")


def of_package(package: Distribution) -> Licence:
    """Return the licence of a Python package: the files that come with it."""
    texts = [
        Path(str(package.locate_file(file))).read_text("utf-8")
        for file in sorted(package.files or [], key=str)
        if file.parent.parts and file.parts[0].endswith(".dist-info") and file.name.upper().startswith(NAMES)
    ]
    if not texts and package.metadata.json.get("license") == "MIT":
        # It ships no licence file, but its metadata has the licence and the author.
        texts = [_mit(f"Copyright (c) {package.metadata['Author-email']}")]
    if not texts:
        raise NoLicence(f"{package.name} comes without its licence")
    if package.name == "uvloop":
        holders, more = LIBUV
        texts += [more, _mit(holders)]
    return Licence(f"{package.name} {package.version}", "\n\n".join(texts))


def _mit(holders: str) -> str:
    terms = (ROOT / "LICENSE").read_text("utf-8").partition("\n\n")[2].partition("\n\n")[2]
    return f"MIT License\n\n{holders}\n\n{terms}"


def of_client() -> Iterator[Licence]:
    """Yield the licences of what browsers get: highlight.js, the Socket.IO client and what is built into it."""
    installed = sorted((ROOT / "node_modules").glob("**/package.json"))
    for manifest in (path for path in installed if "esbuild" not in path.as_posix()):  # a build tool
        texts = [path for path in sorted(manifest.parent.iterdir()) if path.name.upper().startswith(NAMES)]
        if texts:
            name = manifest.parent.relative_to(ROOT / "node_modules").as_posix()
            yield Licence(f"{name} (for browsers)", "\n\n".join(path.read_text("utf-8") for path in texts))


def of_files(files: Iterable[Path]) -> Iterator[Licence]:
    """Yield the licences of the packages, the Python or the system libraries to which installed files belong."""
    owners = {
        Path(str(package.locate_file(file))).resolve(): package
        for package in distributions()
        for file in package.files or []
    }
    python = Path(sysconfig.get_config_var("installed_base")).resolve()
    for file in {file.resolve() for file in files}:
        if file in owners:
            yield of_package(owners[file])
        elif file.is_relative_to(python) and not file.is_relative_to("/usr/lib"):
            yield of_python()
        elif not file.is_relative_to(ROOT):
            yield of_system(file)


def of_system(file: Path) -> Licence:
    """Return the licence of a system library, as stored by Debian and its derivatives."""
    owner = ""
    if shutil.which("dpkg-query"):
        # The package manager may know a file in /usr/lib as one in /lib.
        for path in (file, Path("/") / file.relative_to("/usr") if file.is_relative_to("/usr") else file):
            found = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True, check=False)
            owner = owner or found.stdout.partition(":")[0]
    text = Path("/usr/share/doc") / owner / "copyright"
    if owner and text.is_file():
        return Licence(f"{owner} (system library)", text.read_text("utf-8"))
    return Licence(f"{file.name} (system library)", "See the licences of the system on which this was built.")


def of_tool(name: str) -> Licence:
    """Return the licence of a tool that includes part of itself in what it builds."""
    return of_package(distribution(name))
