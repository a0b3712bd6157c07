"""The opening handshake of a WebSocket: RFC 6455, section 4.2."""

import base64
import hashlib
from typing import Final

from tornado.httputil import HTTPHeaders

VERSIONS: Final = ("7", "8", "13")
"""13 is RFC 6455; on the wire, the drafts 7 and 8 are the same."""
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def is_opening(method: str, headers: HTTPHeaders) -> bool:
    """Return whether this is the opening of a WebSocket, of whatever version. `Upgrade` has been checked."""
    tokens = [token.strip().lower() for token in headers.get("Connection", "").split(",")]
    return method == "GET" and "upgrade" in tokens and bool(headers.get("Sec-WebSocket-Key"))


def is_known_version(headers: HTTPHeaders) -> bool:
    """Return whether it is of a version that is spoken here; else the answer is 426, with those that are."""
    return headers.get("Sec-WebSocket-Version") in VERSIONS


def accepted(headers: HTTPHeaders) -> str:
    """Return the `Sec-WebSocket-Accept` of the answer."""
    key = headers["Sec-WebSocket-Key"].encode("latin-1")
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest()).decode("ascii")
