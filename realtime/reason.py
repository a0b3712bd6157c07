"""Why a session and its sockets ended. The values are the reference server's, except CLIENT_CLOSE and some of ours."""

import enum


class Reason(enum.StrEnum):
    """The reason of the end."""

    # The peer said goodbye.
    CLIENT_DISCONNECT = "client namespace disconnect"  # a Socket.IO DISCONNECT
    CLIENT_CLOSE = "client close"  # an Engine.IO close packet, or a WebSocket's close frame
    # The connection was lost.
    TRANSPORT_CLOSE = "transport close"  # it ended without a close
    TRANSPORT_ERROR = "transport error"
    PING_TIMEOUT = "ping timeout"
    # We ended it.
    PARSE_ERROR = "parse error"
    OVER_RATE = "over the rate"  # it sent more than any client does, for too long
    CONNECT_TIMEOUT = "connect timeout"
    SERVER_DISCONNECT = "server namespace disconnect"
    SERVER_CLOSE = "forced server close"
    CREDENTIAL_OVER = "credential over"  # what it showed at the handshake holds no more: it may come back without
    SHUTDOWN = "server shutting down"

    @property
    def goodbye(self) -> bool:
        """Whether the peer ended it on purpose: the visitor has left, and was not lost."""
        return self in (Reason.CLIENT_DISCONNECT, Reason.CLIENT_CLOSE)
