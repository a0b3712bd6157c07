"""What JSON holds, counted before it is decoded: whatever passes holds no more than was allowed."""

import json

import msgspec

from realtime.bounds import JsonBounds
from realtime.unicode import from_json, from_utf8

BOUNDS = JsonBounds(characters=400, values=12, depth=4)  # small, so that inputs are often near them
SEEDS = tuple(
    json.dumps(value).encode()
    for value in (
        ["chat", {"room": "0" * 24, "chat": '안녕 😀 "\\', "nonce": "n-1"}],
        [[[[1]]], {"a": {"b": {}}}],
        list(range(11)),
        {f"k{number}": [None, True, -1.5e-7] for number in range(3)},
        ['",[{' * 5, '\\"', "]}" * 5],
        [" " * 100, 123456789012345678901234567890],
    )
) + (b'[1, 2 ,\n\t3 ]   ', b'{"a":"\\ud83d","a":[[]],"a":{}}')  # fmt: skip


def check(data: bytes) -> None:
    """Count and decode."""
    try:
        text = from_utf8(data)
    except UnicodeDecodeError:
        return
    if BOUNDS.excess(text) is not None:
        return
    assert len(text) <= BOUNDS.characters
    try:
        value = from_json(text)
    except msgspec.DecodeError:
        return
    values, depth = _held(value)
    assert values <= BOUNDS.values + 1 and depth <= BOUNDS.depth


def _held(value: object) -> tuple[int, int]:
    """Return how many values there are, and how many levels of lists and objects."""
    if not isinstance(value, (list, dict)):
        return 1, 0
    held = [_held(item) for item in (value.values() if isinstance(value, dict) else value)]
    return 1 + sum(count for count, _ in held), 1 + max((depth for _, depth in held), default=0)
