"""Why a session ended, and with it each of its sockets. The values are the reference server's, but for CLIENT_CLOSE."""

import enum


class Reason(enum.StrEnum):
    """What ended it."""

    # The peer said goodbye.
    CLIENT_DISCONNECT = "client namespace disconnect"  # a Socket.IO DISCONNECT
    CLIENT_CLOSE = "client close"  # an Engine.IO close packet, or a WebSocket's close frame
    # The connection was lost.
    TRANSPORT_CLOSE = "transport close"  # it ended without a word
    TRANSPORT_ERROR = "transport error"
    PING_TIMEOUT = "ping timeout"
    # We ended it.
    PARSE_ERROR = "parse error"
    CONNECT_TIMEOUT = "connect timeout"
    SERVER_DISCONNECT = "server namespace disconnect"
    SERVER_CLOSE = "forced server close"
    SHUTDOWN = "server shutting down"

    @property
    def goodbye(self) -> bool:
        """Whether the peer itself ended it: whoever is behind it has left, and was not lost."""
        return self in (Reason.CLIENT_DISCONNECT, Reason.CLIENT_CLOSE)
