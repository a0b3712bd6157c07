"""The values that the chat's rules are about."""

import operator

import pytest

from realtime.chat.model import Visitor
from realtime.chat.newcomers import Newcomer

STORED, NEWCOMER = Visitor(7, "#a1b2c3"), Newcomer(7, "#a1b2c3", "session")


@pytest.mark.parametrize("one", [STORED, NEWCOMER])
@pytest.mark.parametrize("other", [Visitor(7, "#a1b2c3"), Newcomer(7, "#a1b2c3", "session")])
def test_a_visitor_is_the_same_before_and_after_they_are_stored(one: Visitor, other: Visitor) -> None:
    assert operator.eq(one, other) is True
    assert operator.ne(one, other) is False
    assert hash(one) == hash(other)
    assert one in (other,)


def test_another_visitor_is_not_the_same() -> None:
    other = Visitor(8, "#a1b2c3")
    assert operator.eq(STORED, other) is False
    assert operator.ne(STORED, other) is True
