"""Tells whoever runs the server about clients that are too old for it."""

import logging
from typing import Final

log = logging.getLogger(__name__)

_OLD_VERSIONS: Final = ("1", "2", "3")
_MOST_ADDRESSES: Final = 1_000


class Outdated:
    """Logs clients that are too old, once per address, for up to a thousand addresses.

    The response explains it, but they show only "xhr poll error", and retry forever.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def note(self, address: str, version: str) -> None:
        """Log a handshake refused for its version; a version that never existed is not a client's."""
        if version in _OLD_VERSIONS and address not in self._seen and len(self._seen) < _MOST_ADDRESSES:
            self._seen.add(address)
            log.info(
                "a Socket.IO client at %s is too old (Engine.IO %s); it needs socket.io-client 3 or newer, or"
                " python-socketio 5 or newer",
                address,
                version,
            )
