"""JsonBounds of a message, counted before it is decoded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.bounds import NOTHING, Excess, JsonBounds

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('\\\\"[{,x'), inner),
    max_leaves=20,
)


def values(data: object) -> int:
    """Return how many brackets are opened and how many commas there are."""
    if not isinstance(data, list | dict):
        return 0
    inner = list(data.values()) if isinstance(data, dict) else data
    return 1 + max(0, len(inner) - 1) + sum(map(values, inner))


def depth(data: object) -> int:
    """Return how deep it is nested."""
    if not isinstance(data, list | dict):
        return 0
    return 1 + max(map(depth, data.values() if isinstance(data, dict) else data), default=0)


@given(JSON, st.integers(1, 30), st.booleans())
def test_values_are_counted_exactly_whatever_is_in_the_texts(data: object, most: int, ascii_only: bool) -> None:
    text = json.dumps(data, ensure_ascii=ascii_only)
    excess = JsonBounds(values=most, depth=100).excess(text)
    assert (excess is Excess.VALUES) is (values(data) > most)


@given(JSON, st.integers(1, 5))
def test_depth_is_counted_exactly(data: object, most: int) -> None:
    excess = JsonBounds(values=1_000, depth=most).excess(json.dumps(data))
    assert (excess is Excess.VALUES) is (depth(data) > most)


@given(st.text('\\\\"[]{},:0 ', max_size=300))
def test_anything_can_be_counted(text: str) -> None:
    JsonBounds(characters=100, values=3, depth=2).excess(text)


@pytest.mark.parametrize(
    ("text", "excess"),
    [
        ("", None),
        ('"' + "x" * 65_534 + '"', None),
        ('"' + "x" * 65_535 + '"', Excess.LENGTH),
        ('"' + "[{," * 21_000 + '"', None),
        ('"' + r"\"[" * 21_000 + '"', None),
        ("[" + '"",' * 100 + '""]', Excess.VALUES),
        ("[" + '"",' * 99 + '""]', None),
        ("{" + '"a":0,' * 99 + '"a":0}', None),
        ('"' + "x" * 70_000 + '",' + "[]," * 200, Excess.LENGTH),
        ("[]," * 200 + '"' + "x" * 70_000 + '"', Excess.VALUES),
        ("]" * 101, None),  # malformed: the decoder stops at the first
        ("7" * 6_400, None),
        ("7" * 6_401, Excess.VALUES),
        (" " * 6_401, Excess.VALUES),
        ('"' * 500 + "[" * 101, Excess.VALUES),
    ],
    ids=lambda given: repr(given)[:20],
)
def test_a_message_may_hold_so_much_and_no_more(text: str, excess: Excess | None) -> None:
    assert JsonBounds().excess(text) is excess


def test_nothing_is_looked_into_for_nobody() -> None:
    assert NOTHING.excess("") is None
    assert NOTHING.excess("1") is Excess.LENGTH
