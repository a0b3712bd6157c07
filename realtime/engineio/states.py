"""Where an Engine.IO session stands, and what moves it. Pure.

A session outlives its transport. It is born on one of two:

- POLLING: there is no connection. The peer fetches what is for it by GET and brings what it has by POST. What the
  session sends meanwhile waits in a bounded buffer. At most one GET may wait here: with two, nobody could tell which
  of them gets what, so a second one ends the session; so does one that is dropped, since it may have been answered on
  its way down.
- WEBSOCKET: both directions, at once. Nothing leads out of it but the end.

Between the two lies the upgrade, and its point is that no packet is lost, doubled or reordered. While it lasts, all
packets still go by polling; the WebSocket is only a *candidate*:

- PROBING: a candidate is open and has said nothing yet. A session has one candidate at most.
- UPGRADING: it sent `2probe` and was answered `3probe`. The peer now stops polling: it waits for the end of the GET it
  has under way, which is why that one is answered with a noop (and so is one that comes late). Then it sends `5`.
  That is the moment of the switch: all it was ever sent by polling has reached it, since it had no GET left open, and
  what lies in the buffer has not, so that goes first over the WebSocket.
- A candidate that breaks off, says something else, or takes too long is dropped, and the session is POLLING as if
  nothing had been. A session that ends drops its candidate first.

A session that *we* close while polling may still have packets for its peer, the last ones perhaps the reason:

- CLOSING: those above have been told that it is over; the next GET takes what is left and the farewell. The heartbeat
  ends it if none comes.
- CLOSED: the end. Its id is unknown from here on.

The farewell that a GET gets, now or as its last, decides who comes back. After a close packet the official client does,
but python-socketio takes it for a wish to be left alone. So it is only for a peer that broke the protocol, and would do
so again, and for one that we disconnect on purpose. All others (the server stops, no pong came) get a noop; their next
GET is refused as of an unknown session, or finds no server, and every client opens a new one. So does a peer that read
too slowly: what waited for it is dropped at once, and there is no farewell.
"""

import enum
from typing import Final


class State(enum.Enum):
    """Where a session stands; the module's text tells the theory."""

    POLLING = enum.auto()
    PROBING = enum.auto()
    UPGRADING = enum.auto()
    WEBSOCKET = enum.auto()
    CLOSING = enum.auto()
    CLOSED = enum.auto()


class Trigger(enum.Enum):
    """What moves a session from one state to another."""

    CANDIDATE = enum.auto()  # a WebSocket was opened with this session's id
    PROBE = enum.auto()  # it sent `2probe`
    UPGRADE = enum.auto()  # it sent `5`
    CANDIDATE_LOST = enum.auto()
    CLOSE = enum.auto()  # we close, and the peer may fetch what is left
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
"""When those above have been told that it is over."""
