"""Socket.IO packets: what is decoded can be encoded, logged and decoded again; nothing but ProtocolError is raised."""

from realtime.bounds import JsonBounds
from realtime.engineio.packet import Message, decode_payload
from realtime.errors import ProtocolError
from realtime.socketio.packet import (
    MAX_ATTACHMENTS,
    Ack,
    Connect,
    ConnectError,
    Decoded,
    Decoder,
    Disconnect,
    Event,
    Overlarge,
    SocketPacket,
    encode,
    frames,
)
from realtime.unicode import from_utf8

MESSAGES_APART = b"\x1e"
BINARY = b"b"

BOUNDS = JsonBounds(values=10, depth=4, attachments=MAX_ATTACHMENTS)
WIDE = JsonBounds(characters=1_000_000, values=1_000_000, depth=1_000, attachments=MAX_ATTACHMENTS)
"""What is decoded, in whatever form it is encoded again, is within these."""

_PACKETS: tuple[SocketPacket, ...] = (
    Connect("/chat", {"token": "x"}),
    Disconnect("/chat"),
    Event("/chat", "chat", ({"room": "0" * 24, "chat": "안녕 😀", "nonce": "n-1"},), 12),
    Event("/chat", "join", ("0" * 24,), 0),
    Event("/", "reply", (1.5, None, True, [[], {}])),
    Event("/", "file", (b"\x00\x01", {"thumb": b"\xff", "more": [b""]}), 3),
    Ack("/chat", ({"ok": True},), 7),
    Ack("/chat", (b"\x01",), 8),
    ConnectError("/desk", {"message": "not_teacher"}),
)


def _messages(packet: SocketPacket) -> bytes:
    text, attachments = encode(packet)
    return MESSAGES_APART.join([text, *(BINARY + data for data in attachments)])


SEEDS = (
    *map(_messages, _PACKETS),
    b'2/chat,1["chat",[[[[[]]]]]]',
    rb'2["a","\ud83d"]',
    b'51-/a,1["b",{"_placeholder":true,"num":0}]\x1eb\x00',
)


def check(data: bytes) -> None:
    """Decode a connection's messages, up to the first violation."""
    decoder = Decoder(lambda _: BOUNDS)
    for part in data.split(MESSAGES_APART):
        try:
            message = part[1:] if part[:1] == BINARY else from_utf8(part)
        except UnicodeDecodeError:
            return
        try:
            packet = decoder.feed(message)
        except ProtocolError:
            return
        if packet is None:
            assert decoder.partial
        else:
            _check_packet(packet)


def _check_packet(packet: Decoded) -> None:
    assert "\n" not in str(packet)
    if isinstance(packet, Overlarge):
        return
    text, attachments = encode(packet)
    if len(attachments) > MAX_ATTACHMENTS:
        return  # one that a peer sent once and referred to several times
    polled = list(decode_payload(frames(packet).payload))
    assert polled == [Message(text.decode()), *map(Message, attachments)]
    decoder = Decoder(lambda _: WIDE)
    messages: list[str | bytes] = [text.decode(), *attachments]
    again = [decoder.feed(message) for message in messages]
    assert again == [None] * len(attachments) + [packet]
