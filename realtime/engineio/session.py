"""One Engine.IO session: packets, polls, upgrade. No I/O; clock and transports are passed in.

`realtime.engineio.states` describes its states.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from realtime import wire
from realtime.clock import Timer
from realtime.engineio.budget import Intake, Level
from realtime.engineio.buffers import Account, Part
from realtime.engineio.framing import NORMAL, POLICY_VIOLATION, PROTOCOL_VIOLATION
from realtime.engineio.heartbeat import Heartbeat
from realtime.engineio.outbox import Outbox
from realtime.engineio.packet import (
    CLOSE,
    NOOP,
    PING,
    PROBE_ANSWER,
    SEPARATOR,
    Close,
    EnginePacket,
    Frames,
    Message,
    Noop,
    Ping,
    Pong,
    Upgrade,
    decode,
    decode_payload,
)
from realtime.engineio.seams import Poll, Receiver, Timing, WebSocket
from realtime.engineio.slices import Slices
from realtime.engineio.states import OVER, TRANSITIONS, State, Trigger
from realtime.errors import ProtocolError
from realtime.reason import Reason

TOO_SLOW: Final = "it reads too slowly"
_FINAL: Final = frozenset((Reason.PARSE_ERROR, Reason.OVER_RATE, Reason.SERVER_CLOSE))
"""The reasons after which a peer is told not to reconnect; see `realtime.engineio.states`."""
_CODES: Final = {Reason.PARSE_ERROR: PROTOCOL_VIOLATION, Reason.OVER_RATE: POLICY_VIOLATION}
"""What the WebSocket of a peer that is cut off is closed with."""


class OverRate(ProtocolError):
    """A peer sent more than any client does, for too long; its session has ended."""


class Session:
    """A session with a peer, independent of its transport. Created by `realtime.engineio.server.Server`."""

    __slots__ = (
        "_candidate",
        "_clock",
        "_heartbeat",
        "_on_end",
        "_outbox",
        "_poll",
        "_posting",
        "_intake",
        "_timing",
        "_slices",
        "_upgrade_timer",
        "_websocket",
        "account",
        "blocked",
        "exceeded",
        "later_s",
        "level",
        "receiver",
        "send",
        "sid",
        "state",
    )

    receiver: Receiver
    account: Account
    """The WebSocket's, or, while it polls, its own."""
    send: Callable[[Frames], None]
    """Send packets, in the order of the calls. Never blocks, never raises, never calls back synchronously.

    A peer that reads too slowly is closed shortly after. With a WebSocket this is the WebSocket's own `send`, because
    every delivery to every member goes through it.
    """

    def __init__(
        self,
        sid: str,
        slices: Slices,
        timing: Timing,
        on_end: Callable[["Session"], None],
        websocket: WebSocket | None = None,
    ) -> None:
        """Start in POLLING, or in WEBSOCKET with `websocket`.

        `receiver` and `account` must be set before a packet arrives.
        """
        self.sid = sid
        self.state = State.POLLING if websocket is None else State.WEBSOCKET
        self.send = self._enqueue if websocket is None else websocket.send
        self._slices = slices
        self._clock = clock = slices.clock
        self._timing = timing
        self._on_end = on_end
        self._websocket = websocket
        self._candidate: WebSocket | None = None
        self._upgrade_timer: Timer | None = None
        self._poll: Poll | None = None
        self._outbox = Outbox()
        self._intake = Intake()
        self._posting = False
        self.exceeded = ""
        """Which of `Timing.rates` ended it, if one did."""
        self.level = Level()
        self.blocked = False
        """Whether much waits for the end of what the receiver has begun; see `realtime.engineio.slices`."""
        self.later_s = 0.0
        """The processor time that what was begun will take in later turns, until it is accounted for."""
        self._heartbeat = Heartbeat(clock, timing, self._ping, partial(self._end, Reason.PING_TIMEOUT))

    def __str__(self) -> str:
        return self.sid[: wire.LABEL_LENGTH]

    # Called by the layers above.

    def close(self, reason: Reason) -> None:
        """Close; the peer still receives what was sent before. `reason` is for the receiver."""
        self.receiver.flush()
        if self.state in OVER:
            return
        if self.state is State.WEBSOCKET or self._poll is not None:
            self._end(reason)
            return
        self._drop_candidate()
        self._move(Trigger.CLOSE)
        self._heartbeat.ask_no_more()
        self.send = _discard
        self._outbox.add_last(self._farewell(reason))
        self._tell(reason)

    async def step(self) -> None:
        """Wait until it is this session's turn for something that takes more than one turn."""
        await self._slices.step(self.level)

    def abort(self, reason: Reason, cause: str = "") -> None:
        """Close at once, on a protocol violation or a timeout; `cause` is detail for the log."""
        self._end(reason, cause)

    # Called by the polling transport.

    @property
    def polling(self) -> bool:
        """Whether GET and POST are valid for this session."""
        return self.state is not State.WEBSOCKET

    def poll(self, poll: Poll) -> None:
        """Handle a GET, answered now or when there is something to send; raises ProtocolError for a second one."""
        if self._poll is not None:
            self._end(Reason.PARSE_ERROR, "overlapping polls")
            raise ProtocolError("overlapping polls")
        self._poll = poll
        if self._outbox:
            self._answer()
        elif self.state is State.UPGRADING:
            self._answer_with_noop()

    def cancel_poll(self, poll: Poll) -> None:
        """Handle a GET that was dropped by its client."""
        if poll is self._poll:
            self._poll = None
            self._end(Reason.TRANSPORT_CLOSE)

    def post(self, body: bytes, *, page: bool = False) -> Iterator[None]:
        """Handle the body of a POST, from a page's script or not, one packet at each step of what is returned.

        Both raise ProtocolError if that ends the session.
        """
        if self.state is State.CLOSING:
            return iter(())  # the peer cannot know yet that we have closed
        try:
            if self._posting:
                raise ProtocolError("overlapping posts")
            packets = decode_payload(body)
            if not self.charge(len(body), 0, body.count(SEPARATOR) + 1):
                raise OverRate(self.exceeded)
        except ProtocolError as error:
            self._end(Reason.PARSE_ERROR, str(error))
            raise
        self._posting = True
        self.account.hold(Part.BODY, len(body))
        return self._posted(packets, page)

    def _posted(self, packets: Iterator[EnginePacket], page: bool) -> Iterator[None]:
        try:
            for packet in packets:
                if self.state in OVER:
                    break
                if page and isinstance(packet, Close):
                    # The official client closes a connection it considers lost in this way; in a browser also when the
                    # machine goes offline, even if the server is still reachable. A client that leaves sends a
                    # DISCONNECT first.
                    self._end(Reason.TRANSPORT_CLOSE)
                else:
                    self._receive(packet)
                yield
        except ProtocolError as error:
            self._end(Reason.PARSE_ERROR, str(error))
            raise
        finally:
            self._posting = False
            self.account.hold(Part.BODY, 0)

    def charge(self, size_bytes: int, frames: int, packets: int) -> bool:
        """Count what was received, whatever the transport; return whether that is still within the rates.

        If not, the session ends.
        """
        rates = self._timing.rates
        if rates is not None and self.state is not State.CLOSED:
            exceeded = self._intake.add(self._clock.time(), rates, size_bytes, frames, packets)
            if exceeded:
                self.exceeded = exceeded
                self._end(Reason.OVER_RATE, exceeded)
                return False
        return True

    # Called by a WebSocket.

    def upgrade(self, candidate: WebSocket) -> bool:
        """Accept `candidate` for an upgrade from polling. False if this session has one, or needs none."""
        if self.state is not State.POLLING:
            return False
        self._move(Trigger.CANDIDATE)
        self._candidate = candidate
        deadline = self._clock.time() + self._timing.upgrade_timeout_s
        self._upgrade_timer = self._clock.call_at(deadline, self._drop_candidate)
        return True

    def frame(self, websocket: WebSocket, data: str | bytes) -> None:
        """Handle a message from a WebSocket."""
        try:
            if websocket is self._websocket:
                self._receive(decode(data))
            elif websocket is self._candidate:
                self._probe(decode(data))
        except ProtocolError as error:
            if websocket is self._candidate:
                wire.log.debug("%s aborted its upgrade: %s", self, error)
                self._drop_candidate()
            else:
                self._end(Reason.PARSE_ERROR, str(error))

    def lost(self, websocket: WebSocket, reason: Reason = Reason.TRANSPORT_CLOSE, cause: str = "") -> None:
        """Handle the end of a WebSocket; `reason` is CLIENT_CLOSE if its peer closed it on purpose.

        `cause` is as for `abort`.
        """
        if websocket is self._websocket:
            self._websocket = None
            self._end(self._goodbye() if reason is Reason.CLIENT_CLOSE else reason, cause)
        elif websocket is self._candidate:
            self._drop_candidate()

    # Internal.

    def _move(self, event: Trigger) -> None:
        self.state = TRANSITIONS[self.state, event]

    def _came(self, packet: EnginePacket) -> None:
        wire.received(type(packet).__name__.upper(), self)

    def _receive(self, packet: EnginePacket) -> None:
        if isinstance(packet, Message):  # logged by the receiver
            self.receiver.message(packet.data)
            return
        self._came(packet)
        match packet:
            case Pong():
                self._heartbeat.pong()
            case Close():
                self._end(self._goodbye())
            case Noop():
                pass
            case _:
                # "ping: sent by the server"; open and upgrade are invalid here.
                raise ProtocolError(f"unexpected Engine.IO packet {type(packet).__name__}")

    def _probe(self, packet: EnginePacket) -> None:
        assert self._candidate is not None
        self._came(packet)
        if packet == Ping("probe") and self.state is State.PROBING:
            self._move(Trigger.PROBE)
            self._candidate.send(PROBE_ANSWER)
            wire.sent("PONG", self)
            if self._poll is not None:
                self._answer_with_noop()
        elif isinstance(packet, Upgrade) and self.state is State.UPGRADING:
            self._switch()
        else:
            raise ProtocolError("expected a probe")

    def _switch(self) -> None:
        if self._poll is not None:
            self._answer_with_noop()
        self._move(Trigger.UPGRADE)
        assert self._candidate is not None
        self._websocket, self._candidate = self._candidate, None
        self.send = self._websocket.send
        self._cancel_upgrade_timer()
        waiting = self._outbox.clear()
        self._outbox.state(self.account)
        self._websocket.account.move(self.account)
        self.account = self._websocket.account
        if waiting:
            self.send(Frames.join(waiting))

    def _drop_candidate(self) -> None:
        candidate, self._candidate = self._candidate, None
        self._cancel_upgrade_timer()
        if candidate is not None:
            self._move(Trigger.CANDIDATE_LOST)
            candidate.close()

    def _cancel_upgrade_timer(self) -> None:
        if self._upgrade_timer is not None:
            self._upgrade_timer.cancel()
            self._upgrade_timer = None

    def _enqueue(self, frames: Frames) -> None:
        if not self._outbox.add(frames):
            self._finish(Reason.TRANSPORT_ERROR)
            # Not synchronously: the caller may be in the middle of a broadcast.
            self._clock.call_soon(lambda: self._tell(Reason.TRANSPORT_ERROR, TOO_SLOW))
        elif self._poll is not None:
            self._answer()
        else:
            self._outbox.state(self.account)

    def _answer(self) -> None:
        poll, self._poll = self._poll, None
        assert poll is not None
        payload = self._outbox.take(self.account)
        # Before the answer, so that the id is already unknown when the peer receives it.
        if self.state is State.CLOSING and not self._outbox:
            self._finish(Reason.SERVER_CLOSE)
        poll.answer(payload)

    def _answer_with_noop(self) -> None:
        poll, self._poll = self._poll, None
        assert poll is not None
        wire.sent("NOOP", self)
        poll.answer(NOOP.payload)

    def _ping(self) -> None:
        self.send(PING)
        wire.sent("PING", self)

    def _goodbye(self) -> Reason:
        """Return the reason for a peer's close, which is no goodbye if it considers the connection lost."""
        return Reason.PING_TIMEOUT if self._heartbeat.peer_gave_up else Reason.CLIENT_CLOSE

    def _end(self, reason: Reason, cause: str = "") -> None:
        """Go to CLOSED from any state, and notify the receiver unless it has been notified."""
        if self.state is State.CLOSED:
            return
        notified = self.state is State.CLOSING
        self._finish(reason)
        if not notified:
            self._tell(reason, cause)

    def _tell(self, reason: Reason, cause: str = "") -> None:
        wire.ended(self, reason, cause)
        self.receiver.closed(reason)

    def _finish(self, reason: Reason) -> None:
        """Go to CLOSED, and answer a waiting GET with what is left and the farewell; the receiver is not notified."""
        self._drop_candidate()
        self._move(Trigger.END)
        self.send = _discard
        self._heartbeat.stop()
        self._on_end(self)
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            code = _CODES.get(reason, NORMAL)
            websocket.close(code, reason if code != NORMAL else "")
        if self._poll is not None:
            self._outbox.add_last(self._farewell(reason))
            self._answer()
        self._outbox.clear()
        if websocket is None:
            self.account.close()

    def _farewell(self, reason: Reason) -> Frames:
        final = reason in _FINAL
        wire.sent("CLOSE" if final else "NOOP", self)
        return CLOSE if final else NOOP


def _discard(frames: Frames) -> None:
    """Send to a session that has ended: does nothing."""
