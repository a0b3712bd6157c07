"""`make binary`: build dist/gifchat, and check that it starts."""

import subprocess
import sys

from handlers.resources import ROOT
from tools.package.contents import BUILD, DIST

SPEC = "tools/package/gifchat.spec"
MIB = 1024 * 1024


def main() -> None:
    """Build it."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    # In ROOT, so that gifchat.spec can import the project's modules.
    subprocess.run([*command, "--distpath", DIST, "--workpath", BUILD / "binary", SPEC], cwd=ROOT, check=True)
    binary = DIST / ("gifchat.exe" if sys.platform == "win32" else "gifchat")
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{binary}: {version}, {binary.stat().st_size / MIB:.1f} MiB")


if __name__ == "__main__":
    main()
