"""The WebSocket of a room's page, through which a test holds back frames or cuts the connection."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute

# So that everything the server sends goes through one place where it can be held back.
WEBSOCKET_ALONE = """(() => {
    let io;
    Object.defineProperty(window, "io", {
        get: () => io && ((namespace, options) => io(namespace, { ...options, transports: ["websocket"] })),
        set: (client) => (io = client),
    });
})()"""


class Wire:
    """The WebSocket of a page not opened yet: its frames are passed on or held back.

    `holds(up, frame)` decides whether to hold a frame back, `up` if it goes to the server; each of `held` releases one.
    """

    def __init__(self, page: Page, holds: Callable[[bool, str], bool]) -> None:
        self.holds = holds
        self.held: list[Callable[[], None]] = []
        self._socket: WebSocketRoute | None = None
        page.add_init_script(WEBSOCKET_ALONE)
        page.route_web_socket(re.compile("/socket.io/"), self._route)

    def cut(self) -> None:
        """Cut the connection and drop the held frames; nothing is held back on the next one."""
        assert self._socket
        self.holds = lambda up, frame: False
        self.held.clear()
        self._socket.close()

    def _route(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        server = socket.connect_to_server()
        socket.on_message(lambda frame: self._pass(True, str(frame), server.send))
        server.on_message(lambda frame: self._pass(False, str(frame), socket.send))

    def _pass(self, up: bool, frame: str, on: Callable[[str], None]) -> None:
        if self.holds(up, frame):
            self.held.append(lambda: on(frame))
        else:
            on(frame)
