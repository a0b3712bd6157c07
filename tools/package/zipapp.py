"""`make zipapp`: build dist/gifchat.pyz, for any Python of VERSIONS on a system like this one.

Compiled modules have the Python version in their names, so those for all versions can be in one folder; all other files
are the same for every version.
"""

import platform
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from handlers.resources import MARK, ROOT
from tools.package import contents, licences

VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
WORK = contents.BUILD / "zipapp"
SITE = WORK / "site-packages"
UNUSED = ("PIL/_avif*", "PIL/_imagingft*", "PIL/_imagingcms*", "PIL/_imagingtk*", "pillow.libs/libavif*", "bin")
EXCLUDED = ("uvloop", "uvloop-*")  # would add 5 × 15 MB and save a tenth of the CPU; asyncio's own loop is used instead
MIB = 1024 * 1024


def main() -> None:
    """Build it."""
    shutil.rmtree(WORK, ignore_errors=True)
    for version in VERSIONS:
        add_packages(version)
    for pattern in UNUSED + EXCLUDED:
        for path in SITE.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for file in {*contents.modules(), *contents.files()}:
        target = SITE / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    texts = [licences.of_package(package) for package in distributions(path=[str(SITE)])]
    texts += [licences.of_tool("shiv"), *licences.of_client()]
    (SITE / "static" / contents.LICENCES).write_text(licences.document(texts), "utf-8")
    (SITE / MARK).write_text("zipapp\n", "ascii")
    zipapp = contents.DIST / "gifchat.pyz"
    contents.DIST.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "shiv", "--entry-point", "gifchat:main", "--reproducible"]
    subprocess.run([*command, "--site-packages", SITE, "--preamble", preamble(), "--output-file", zipapp], check=True)
    print(f"{zipapp}: {zipapp.stat().st_size / MIB:.1f} MiB")


def add_packages(version: str) -> None:
    """Add gifchat's dependencies for one Python version to SITE."""
    target = WORK / version
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "--python-version", version]
    subprocess.run([*command, "--target", target, "--requirement", ROOT / "requirements.txt"], check=True)
    shutil.copytree(target, SITE, dirs_exist_ok=True)
    shutil.rmtree(target)


def preamble() -> Path:
    """Write the script that checks where it runs, and return its path."""
    built_for = f"{platform.system()} on {platform.machine()} with Python {VERSIONS[0]} to {VERSIONS[-1]}"
    path = WORK / "preamble.py"
    template = Path(__file__).with_name("preamble.py").read_text("utf-8")
    path.write_text(template.replace("@BUILT_FOR@", built_for), "utf-8")
    return path


if __name__ == "__main__":
    main()
