"""Draws how a browser opens a room: what it loads and when, until the room is joined.

python -m bench.waterfall PICTURE.png [--against FOLDER] [--opens N]

Chromium as on a phone: 360 × 740, a processor four times slower, 40 ms of latency and 5 Mbit/s; first with an empty
cache, then again with what is cached by then. Prints the medians; the picture shows the cold opening with the median
time.
"""

import argparse
import os
import re
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from bench.pages import with_a_room
from bench.server import ROOT, serving

PORT: Final = 8814
SLOWER: Final = 4
LATENCY_MS: Final = 40
BYTES_A_SECOND: Final = 5_000_000 // 8
JOINED_WITHIN_MS: Final = 60_000

# When the form can be used, and when the room is joined, in ms since the navigation began.
WATCH: Final = """
globalThis.told = {};
const look = () => {
    const button = document.querySelector("#chat-form button[type=submit]");
    if (button && !button.disabled) told.enabled ??= performance.now();
    if (document.querySelector("[data-connection=joined]")) told.joined ??= performance.now();
};
new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
"""

ROW_PX, LABEL_PX, WIDTH_PX, TOP_PX = 16, 330, 1300, 40
COLOURS: Final = {"Document": "#2b57cf", "Stylesheet": "#8a4fd3", "Script": "#c77d00", "WebSocket": "#1e8a5a"}


class Load(NamedTuple):
    """A request: its name, its kind, and when it began and ended, in seconds."""

    name: str
    kind: str
    began: float
    ended: float


class Opening(NamedTuple):
    """One opening of the page; times in ms since the navigation began."""

    enabled: float
    joined: float
    loads: list[Load]


class Phone:
    """A page of its own browser, slowed down."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        self._page = self._context.new_page()
        self._page.add_init_script(WATCH)
        self._begun: dict[str, tuple[str, str, float]] = {}
        self._loads: list[Load] = []
        network = self._context.new_cdp_session(self._page)
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.loadingFinished", self._ended)
        network.send("Network.enable")
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        throughput = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
        network.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **throughput})

    def open(self, url: str) -> Opening:
        """Open a room, coming from an empty page."""
        self._page.goto("about:blank")
        self._loads = []
        self._page.goto(url)
        self._page.wait_for_function("() => told.joined", timeout=JOINED_WITHIN_MS)
        told: dict[str, float] = self._page.evaluate("told")
        return Opening(told["enabled"], told["joined"], self._loads)

    def close(self) -> None:
        self._context.close()

    def _asked(self, event: dict[str, Any]) -> None:
        name = re.sub(r"^\w+://[^/]+", "", event["request"]["url"])
        self._begun[event["requestId"]] = (name, event["type"], event["timestamp"])

    def _ended(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._begun:
            self._loads.append(Load(*self._begun.pop(event["requestId"]), event["timestamp"]))


def measured(browser: Browser, root: Path, opens: int) -> tuple[list[Opening], list[Opening]]:
    """Return the cold openings and the warm ones of the gifchat in `root`."""
    cold, warm = [], []
    with tempfile.TemporaryDirectory() as data, serving(Path(data), PORT, root=root):
        for _ in range(opens):
            url = f"http://127.0.0.1:{PORT}{with_a_room(PORT)[1]}"  # a new one: it ends when nobody is in it
            phone = Phone(browser)
            cold.append(phone.open(url))
            warm.append(phone.open(url))
            phone.close()
    return cold, warm


def draw(rows: list[tuple[str, Opening]], file: Path) -> None:
    """Draw the openings below each other, on one scale."""
    most = max(opening.joined for _, opening in rows) * 1.05
    height = sum(TOP_PX + ROW_PX * (len(opening.loads) + 1) for _, opening in rows)
    picture = Image.new("RGB", (WIDTH_PX, height), "white")
    pen = ImageDraw.Draw(picture)

    def at(ms: float) -> float:
        return LABEL_PX + ms / most * (WIDTH_PX - LABEL_PX - 10)

    top = 0
    for name, opening in rows:
        pen.text(
            (8, top + 12),
            f"{name}: usable after {opening.enabled:.0f} ms, joined after {opening.joined:.0f} ms",
            "black",
        )
        below = top + TOP_PX + ROW_PX * len(opening.loads)
        for second in range(int(most / 500) + 1):
            pen.line([at(second * 500), top + TOP_PX - 6, at(second * 500), below], "#dddddd")
            pen.text((at(second * 500) + 2, top + TOP_PX - 14), f"{second / 2:g} s", "#888888")
        loads = sorted(opening.loads, key=lambda load: load.began)
        begin = min(load.began for load in loads)
        for number, load in enumerate(loads):
            y = top + TOP_PX + ROW_PX * number
            pen.text((8, y + 2), load.name[-52:], "#444444")
            span = [at((moment - begin) * 1000) for moment in (load.began, load.ended)]
            pen.rectangle(
                [span[0], y + 3, max(span[1], span[0] + 2), y + ROW_PX - 3], COLOURS.get(load.kind, "#888888")
            )
        for moment, colour in ((opening.enabled, "#c77d00"), (opening.joined, "#d11d3f")):
            pen.line([at(moment), top + TOP_PX - 6, at(moment), below], colour, width=2)
        top = below + ROW_PX
    picture.save(file)


def main() -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.waterfall")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout of gifchat")
    parser.add_argument("--opens", type=int, default=5)
    options = parser.parse_args()
    rows: list[tuple[str, Opening]] = []
    with sync_playwright() as playwright:
        path = shutil.which(os.environ.get("CHROMIUM", "chromium")) or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, root in (("against", options.against), ("gifchat", ROOT)):
            if root is None:
                continue
            cold, warm = measured(browser, root, options.opens)
            for kind, openings in (("cold", cold), ("warm", warm)):
                usable, joined = (median(getattr(one, key) for one in openings) for key in ("enabled", "joined"))
                print(f"{name} {kind}: usable after {usable:.0f} ms, joined after {joined:.0f} ms", flush=True)
            rows.append((f"{name}, cold", sorted(cold, key=lambda one: one.joined)[len(cold) // 2]))
        browser.close()
    draw(rows, options.picture)


if __name__ == "__main__":
    main()
