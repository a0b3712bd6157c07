"""Engine.IO packets and payloads: what is decoded can be encoded again, and nothing but ProtocolError is raised."""

from realtime.engineio.packet import SEPARATOR, EnginePacket, Frames, Message, Open, Ping, Pong, decode_payload
from realtime.errors import ProtocolError

SEEDS = (
    b"2probe",
    b"3probe",
    b"4" + "안녕😀".encode(),
    b"bAQIDBA==",
    b"1" + SEPARATOR + b"5" + SEPARATOR + b"6",
    b'0{"sid":"a","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    b'42["chat",{"room":"x"}]' + SEPARATOR + b"4\xed\xa0\xbd" + SEPARATOR + b"b/w==",
)


def check(data: bytes) -> None:
    """Decode `data` as one poll's payload."""
    try:
        packets = list(decode_payload(data))
    except ProtocolError:
        return
    known = [(packet, frames) for packet in packets if (frames := _encoded(packet)) is not None]
    for packet, frames in known:
        assert list(decode_payload(frames.payload)) == [packet]
    if known:
        joined = Frames.join([frames for _, frames in known])
        again = [packet for piece in joined.pieces for packet in decode_payload(piece.payload)]
        assert again == [packet for packet, _ in known]


def _encoded(packet: EnginePacket) -> Frames | None:
    """Return the packet as we would send it, None for one that we never send with data of our own."""
    match packet:
        case Open():
            return packet.frames()
        case Message(data):
            return Frames.binary(data) if isinstance(data, bytes) else Frames.message(data.encode())
        case Ping(data):
            return Frames.text(b"2" + data.encode())
        case Pong(data):
            return Frames.text(b"3" + data.encode())
    return None
