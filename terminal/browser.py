"""Opening a browser on this machine."""

import logging
import os
import sys
import threading
import webbrowser

log = logging.getLogger("gifchat")


def open_browser(url: str) -> None:
    """Open `url` in the background: some browsers run in the terminal, or start slowly."""
    restore_library_path()
    threading.Thread(target=_open, args=(url,), daemon=True).start()


def restore_library_path() -> None:
    """Undo PyInstaller's environment changes on Linux, or other programs would load our bundled libraries.

    Libraries already loaded stay; if the binary runs itself, it sets the variables again.
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
