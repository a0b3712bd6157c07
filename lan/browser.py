"""Opening this machine's own browser."""

import logging
import os
import sys
import threading
import webbrowser

log = logging.getLogger("gifchat")


def open_browser(url: str) -> None:
    """Open `url`, in the background: some browsers run in the terminal, or take their time."""
    restore_library_path()
    threading.Thread(target=_open, args=(url,), daemon=True).start()


def restore_library_path() -> None:
    """Undo what PyInstaller's binary sets for itself on Linux: another program would load the libraries packed with us.

    What was loaded so far stays; a process that is the binary again sets it anew.
    """
    if not hasattr(sys, "frozen") or sys.platform != "linux":
        return
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before


def _open(url: str) -> None:
    if not webbrowser.open(url):
        log.info("no browser found to open %s", url)
