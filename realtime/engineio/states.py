"""The states of an Engine.IO session, and the transitions between them. Pure.

A session outlives its transport. It starts on one of two:

- POLLING: there is no connection. The peer receives by GET and sends by POST. Packets sent meanwhile wait in a bounded
  buffer. At most one GET may wait: with two, it would be undefined which of them gets a packet, so a second one ends
  the session; so does a dropped one, because its response may already have been on its way.
- WEBSOCKET: both directions at any time. Its only exit is the end of the session.

The upgrade leads from one to the other without losing, duplicating or reordering a packet. While it lasts, all
packets still go over polling; the WebSocket is only a *candidate*:

- PROBING: a candidate is open and has sent nothing yet. A session has at most one candidate.
- UPGRADING: the candidate sent `2probe` and was answered `3probe`. The peer now stops polling: it waits for its pending
  GET to end, so that GET (or one that arrives late) is answered with a noop. Then it sends `5`. That is the moment of
  the switch: everything sent over polling has reached the peer, since it has no GET open, and everything in the
  buffer has not, so that goes first over the WebSocket.
- A candidate that disconnects, sends something else, or takes too long is dropped, and the session is POLLING again, as
  if nothing had happened. A session that ends drops its candidate first.

A session that *we* close while polling may still have packets for its peer, perhaps the ones that explain why:

- CLOSING: the layers above have been notified of the end; the next GET gets what is left and the farewell. If none
  comes, the heartbeat ends the session.
- CLOSED: the end. Its id is unknown from here on.

The farewell in the last GET's response decides whether a client reconnects. After a close packet the official client
does, but python-socketio does not. So it is sent only to peers that violated the protocol, and would do so again, and
to peers that we disconnect on purpose. All others (the server stops, a pong is missing) get a noop; their next GET is
refused as an unknown session, or finds no server, and every client opens a new session. So does a peer that read too
slowly: its buffer is dropped at once, without a farewell.
"""

import enum
from typing import Final


class State(enum.Enum):
    """The states of a session, explained in the module's docstring."""

    POLLING = enum.auto()
    PROBING = enum.auto()
    UPGRADING = enum.auto()
    WEBSOCKET = enum.auto()
    CLOSING = enum.auto()
    CLOSED = enum.auto()


class Trigger(enum.Enum):
    """The events that move a session from one state to another."""

    CANDIDATE = enum.auto()  # a WebSocket was opened with this session's id
    PROBE = enum.auto()  # it sent `2probe`
    UPGRADE = enum.auto()  # it sent `5`
    CANDIDATE_LOST = enum.auto()
    CLOSE = enum.auto()  # we close, and the peer may still fetch what is left
    END = enum.auto()


TRANSITIONS: Final = {
    (State.POLLING, Trigger.CANDIDATE): State.PROBING,
    (State.POLLING, Trigger.CLOSE): State.CLOSING,
    (State.POLLING, Trigger.END): State.CLOSED,
    (State.PROBING, Trigger.PROBE): State.UPGRADING,
    (State.PROBING, Trigger.CANDIDATE_LOST): State.POLLING,
    (State.UPGRADING, Trigger.UPGRADE): State.WEBSOCKET,
    (State.UPGRADING, Trigger.CANDIDATE_LOST): State.POLLING,
    (State.WEBSOCKET, Trigger.END): State.CLOSED,
    (State.CLOSING, Trigger.END): State.CLOSED,
}


OVER: Final = frozenset((State.CLOSING, State.CLOSED))
"""The states in which the layers above have been notified of the end."""
