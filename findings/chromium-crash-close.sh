#!/bin/sh
# A crashed Chromium tab closes its WebSockets with 1001, "going away", like a tab that was closed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2 websockets==17.4
browser=${CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}
[ -n "$browser" ] || "$folder/venv/bin/playwright" install --with-deps chromium >&2
BROWSER="$browser" "$folder/venv/bin/python" - <<'PROGRAM'
import contextlib
import os
import queue
import threading

from playwright.sync_api import Error, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

closes = queue.Queue()


def keep_close(connection):
    """Read to the end; keep the code that the peer closes with, None for a connection that just ends."""
    try:
        while True:
            connection.recv()
    except ConnectionClosed as closed:
        closes.put(closed.rcvd and closed.rcvd.code)


with serve(keep_close, "127.0.0.1", 0) as server, sync_playwright() as playwright:
    threading.Thread(target=server.serve_forever).start()
    address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
    browser = playwright.chromium.launch(executable_path=os.environ["BROWSER"] or None, args=["--no-sandbox"])

    def connected():
        page = browser.new_page()
        page.evaluate("(a) => new Promise((done) => { (window.s = new WebSocket(a)).onopen = () => done(); })", address)
        return page

    connected().close()
    closed = closes.get(timeout=20)
    with contextlib.suppress(Error):
        connected().goto("chrome://crash", timeout=5000)
    crashed = closes.get(timeout=20)
    print(f"Chromium {browser.version}: a closed tab sends {closed}, a crashed one {crashed}")
    browser.close()
    server.shutdown()

assert closed == crashed == 1001, "a crash is distinguishable from a closed tab now"
PROGRAM
