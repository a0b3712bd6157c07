"""The pure rules: bounds on what people write."""

import pytest

from realtime.chat import policy
from realtime.errors import BadRequest, ChatTooLong, EmptyChat, InvalidRoom


@pytest.mark.parametrize(("title", "kept"), [("a", "a"), ("  방  ", "방"), ("x" * 60, "x" * 60)])
def test_a_title_is_trimmed(title: str, kept: str) -> None:
    assert policy.check_title(title) == kept


@pytest.mark.parametrize("title", ["", "   ", "x" * 61, "x" * 10_000, "\u3164", "\0"])
def test_an_invalid_title_names_its_field(title: str) -> None:
    with pytest.raises(InvalidRoom) as refused:
        policy.check_title(title)
    assert refused.value.body()["field"] == "title"


@pytest.mark.parametrize("size", [2, 10, 1000])
def test_a_size_within_the_servers_bound_is_accepted(size: int) -> None:
    assert policy.check_max(size, 1000) == size


@pytest.mark.parametrize("size", [1, 0, -3, 1001, 10**9])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(InvalidRoom) as refused:
        policy.check_max(size, 1000)
    assert refused.value.body()["field"] == "max"


def test_an_empty_password_means_no_password() -> None:
    assert policy.check_password("") is None
    assert policy.check_password(None) is None
    assert policy.check_password("비밀") == "비밀"
    with pytest.raises(InvalidRoom):
        policy.check_password("x" * 129)


def test_chat_is_trimmed_and_bounded() -> None:
    assert policy.check_chat(" 안녕\n") == "안녕"
    assert len(policy.check_chat("가" * 2000)) == 2000
    for empty in ("", " \n\t ", "\u3164\u200b", "\0"):
        with pytest.raises(EmptyChat):
            policy.check_chat(empty)
    with pytest.raises(ChatTooLong):
        policy.check_chat("가" * 2001)
    assert len(policy.check_chat("가\r\n\0" * 1000)) == 1999  # counted after normalisation


def test_an_empty_caption_is_none() -> None:
    for empty in (None, "", " \r\n", "\u2800\ufeff"):
        assert policy.check_caption(empty) is None
    assert policy.check_caption(" 고양이\r\n둘 ") == "고양이\n둘"


def test_an_empty_search_is_refused() -> None:
    assert policy.check_query(" 점심\0 ") == "점심"
    for text in ("", " ", "\u3164", "가" * 2001):
        with pytest.raises(BadRequest):
            policy.check_query(text)


@pytest.mark.parametrize("nonce", ["", "a b", "x" * 65, "é", "a\n"])
def test_a_nonce_with_other_characters_is_refused(nonce: str) -> None:
    with pytest.raises(BadRequest):
        policy.check_nonce(nonce)
