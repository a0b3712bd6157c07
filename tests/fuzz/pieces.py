"""Inputs that arrive in pieces, as from a network: the first bytes of an input say where the rest is cut."""

from collections.abc import Iterator

PLAN_BYTES = 3


def planned(stream: bytes, sizes: tuple[int, int, int] = (1, 7, 40)) -> bytes:
    """Return an input whose `stream` arrives in pieces of these sizes, over and over."""
    return bytes(sizes) + stream


def stream_of(data: bytes) -> bytes:
    """Return what arrives in all."""
    return data[PLAN_BYTES:]


def pieces(data: bytes) -> Iterator[bytes]:
    """Yield it in pieces."""
    plan, stream = data[:PLAN_BYTES], stream_of(data)
    at = turn = 0
    while at < len(stream):
        size = plan[turn % PLAN_BYTES] or 1
        yield stream[at : at + size]
        at, turn = at + size, turn + 1
