"""Seat cards: codes, labels, and which seats stay when the list of labels changes."""

import pytest

from realtime.chat.desk.cards import (
    CODE_LENGTH,
    LABEL_LENGTH,
    MAX_SEATS,
    SYMBOLS,
    code_of,
    labels_of,
    matched,
    new_word,
    read_code,
    spelled,
)
from realtime.errors import BadRequest

KEY = b"the server's"


def test_a_code_is_a_signature_of_its_word_by_the_servers_key() -> None:
    word = new_word()
    code = code_of(word, KEY)
    assert code == code_of(word, KEY)
    assert len(code) == CODE_LENGTH and set(code) <= set(SYMBOLS)
    assert len({code, code_of(word, b"another server's"), code_of(new_word(), KEY)}) == 3


def test_codes_of_a_server_differ() -> None:
    assert len({code_of(new_word(), KEY) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "typed", ["7K0M1-9QX2H", "7k0m19qx2h", " 7KOMI 9QX2H\n", "7k-0m-l9\u2013qx 2h", "7K0M1—9QX2H", "7KoMi-9QX2H"]
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_code(typed) == "7K0M19QX2H"


def test_what_is_no_code_is_not_made_one() -> None:
    assert read_code("") == ""
    assert read_code("7K0M19QX2H" * 1000) != "7K0M19QX2H"
    assert read_code("７K0M19QX2H") != "7K0M19QX2H"


def test_a_spelled_code_is_read_as_the_code() -> None:
    code = code_of(new_word(), KEY)
    assert read_code(spelled(code)) == code


@pytest.mark.parametrize(
    ("count", "given", "labels"),
    [
        (3, [], ["1", "2", "3"]),
        (2, ["민수", "영희", "", " "], ["민수", "영희"]),
        (4, ["민수", "", " 영희\t김 "], ["민수", "2", "영희 김", "4"]),
        (0, ["Mina", "Mina", "Mina (2)", "Mina"], ["Mina", "Mina (2)", "Mina (2) (2)", "Mina (3)"]),
        (3, ["2"], ["2", "2 (2)", "3"]),
        (0, [], []),
    ],
)
def test_cards_have_the_given_labels_or_their_number(count: int, given: list[str], labels: list[str]) -> None:
    assert labels_of(count, given) == labels


@pytest.mark.parametrize(
    ("count", "given"),
    [
        (MAX_SEATS + 1, []),
        (-1, []),
        (0, ["a"] * (MAX_SEATS + 1)),
        (1, ["a" * (LABEL_LENGTH + 1)]),
        (1, ["up\u202edown"]),
        (1, ["nothing\u200bto see"]),
    ],
)
def test_too_many_cards_and_labels_that_mislead_are_refused(count: int, given: list[str]) -> None:
    with pytest.raises(BadRequest):
        labels_of(count, given)


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        ("", "abc", [None, None, None]),
        ("abc", "abc", [0, 1, 2]),
        ("abc", "abcd", [0, 1, 2, None]),
        ("abc", "xabc", [None, 0, 1, 2]),
        ("abc", "ca", [2, 0]),
        ("123", "abc", [0, 1, 2]),
        ("1234", "ab34", [0, 1, 2, 3]),
        ("abc", "xba", [None, 1, 0]),
        ("abc", "axc", [0, 1, 2]),
        ("abcd", "bxd", [1, None, 3]),
        ("abc", "", []),
    ],
)
def test_a_seat_stays_with_its_label_or_is_renamed_in_its_place(
    before: str, after: str, places: list[int | None]
) -> None:
    assert matched(before, after) == places
    kept = [place for place in places if place is not None]
    assert len(kept) == len(set(kept))
