"""A long chat in a phone's browser: the cost of a message, the time to scroll to the first one, the worst frame.

python -m bench.long_chat [--tree FOLDER] [--lines N ...]

Chromium runs with its CPU slowed down four times. `--tree` measures another checkout for comparison. The costs are CPU
time of the page's main thread, but the times to the top and between frames also depend on what else the machine does;
so there are no floors.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright

from bench.server import ROOT
from bench.speaker import Speaker

PORT = 8809
PHONE = ViewportSize(width=360, height=740)
SLOWDOWN = 4
QUIET_MS = 1000
MESSAGES, PAUSE_S = 20, 0.25
BURST_PER_S, BURST_S = 200, 5
TEXT = "오늘 수업은 세 시에 시작합니다. 자료는 공유 폴더에 있어요 😀 "

HEAD = """\
                                          to the top    at 200 messages/s
   lines   in page  message ms         s      busy s   worst frame   longest task, ms"""

FRAMES = """() => {
    window.worst = 0;
    let last = performance.now();
    const frame = (now) => {
        worst = Math.max(worst, now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""

# As a reader does it who wants to be at the very beginning: up again whenever there is more.
TO_THE_TOP = """async (first) => {
    const area = document.getElementById("chat-scroll");
    const began = performance.now();
    for (;;) {
        area.scrollTop = 0;
        await new Promise(requestAnimationFrame);
        const text = document.querySelector("#chat-list .text")?.textContent ?? "";
        if (text.startsWith(first)) return performance.now() - began;
    }
}"""

TO_THE_END = """async () => {
    const area = document.getElementById("chat-scroll");
    const latest = document.getElementById("latest");
    if (latest.hidden) area.scrollTop = area.scrollHeight;
    else latest.click();
    for (let frame = 0; frame < 30; frame++) await new Promise(requestAnimationFrame);
    return area.scrollHeight - area.scrollTop - area.clientHeight;
}"""


@contextmanager
def serving(tree: Path) -> Iterator[None]:
    """Run the server of a checkout for the length of the block."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, str(tree / "gifchat.py"), "--host", "127.0.0.1", "--port", str(PORT)]
        process = subprocess.Popen([*command, "--data", data, "--rate", "0"], stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise SystemExit("the server did not start")
            yield
        finally:
            process.terminate()
            process.communicate()


def text(number: int) -> str:
    """Return a text of some length that begins with `number`."""
    return f"{number}번째. {TEXT * (number % 4)}"


def busy_ms(browser: CDPSession) -> float:
    """Return how long the page's main thread has worked so far: its own time, not that of other processes."""
    metrics = browser.send("Performance.getMetrics")["metrics"]
    return next(1000 * cast("float", metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


def rest(page: Page) -> None:
    """Let the page do the work for what was before, so that it is not counted: nothing tells when that is done."""
    page.wait_for_timeout(QUIET_MS)


def message_ms(page: Page, browser: CDPSession, speaker: Speaker, start: int) -> float:
    """Return what a message costs the page, apart from what it does without one."""
    spent = {}
    for said in (False, True):
        rest(page)
        before = busy_ms(browser)
        for number in range(start, start + MESSAGES):
            if said:
                speaker.ask("chat", chat=text(number))
            page.wait_for_timeout(1000 * PAUSE_S)  # the pace is part of the load
        spent[said] = busy_ms(browser) - before
    return (spent[True] - spent[False]) / MESSAGES


def burst(page: Page, speaker: Speaker, start: int) -> tuple[float, float]:
    """Return the longest time between two frames while many talk at once, and the longest task by its CPU time."""
    page.evaluate(FRAMES)
    rest(page)
    page.evaluate("worst = 0")
    chrome = page.context.browser
    assert chrome
    chrome.start_tracing(page=page, categories=["toplevel"])
    began = time.monotonic()
    for index in range(BURST_PER_S * BURST_S):
        speaker.ask("chat", chat=text(start + index))
        time.sleep(max(0, began + index / BURST_PER_S - time.monotonic()))  # the pace is part of the load
    rest(page)
    events = json.loads(chrome.stop_tracing())["traceEvents"]
    main = [(event["pid"], event["tid"]) for event in events if event.get("args") == {"name": "CrRendererMain"}]
    tasks = [event["tdur"] for event in events if (event["pid"], event["tid"]) in main and "tdur" in event]
    return float(page.evaluate("worst")), max(tasks) / 1000


def measure(page: Page, browser: CDPSession, speaker: Speaker, lines: int) -> None:
    """Print a line of figures for a chat of so many lines."""
    speaker.say(*(text(number) for number in range(1, lines + 1)))
    page.goto(f"http://127.0.0.1:{PORT}/room/{speaker.room}")
    page.locator("#room[data-connection=joined]").wait_for()
    browser.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    rest(page)
    before = busy_ms(browser)
    top_s = float(page.evaluate(TO_THE_TOP, "1번째")) / 1000
    top_busy_s = (busy_ms(browser) - before) / 1000
    most = page.locator("#chat-list > *").count()
    page.evaluate(TO_THE_END)
    message = message_ms(page, browser, speaker, lines + 1)
    frame, task = burst(page, speaker, lines + 1 + MESSAGES)
    print(f"{lines:8,}{most:10,}{message:12.1f}{top_s:10.1f}{top_busy_s:12.1f}{frame:14.0f}{task:15.0f}", flush=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description="measure a long chat in a slow browser")
    parser.add_argument("--tree", type=Path, default=ROOT, help="the checkout to measure")
    parser.add_argument("--lines", type=int, nargs="*", default=[1000, 5000])
    given = parser.parse_args()
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if name and (path := shutil.which(name))), None)
    print(HEAD)
    with serving(given.tree), sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for lines in given.lines:
            context = chrome.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
            page = context.new_page()
            browser = context.new_cdp_session(page)
            browser.send("Performance.enable", {"timeDomain": "threadTicks"})
            with Speaker(PORT) as speaker:
                measure(page, browser, speaker, lines)
            context.close()
        chrome.close()


if __name__ == "__main__":
    main()
