"""What one address may hold of what there is."""

from realtime.chat.shares import FORGET_FROM, RoomsMade, has_share

PEOPLE = 100


def fill(total: int, *addresses: str, known: bool = True) -> dict[str, int]:
    """Let each address in turn make all the rooms it can; return how many each made."""
    made = RoomsMade(lambda: PEOPLE, lambda room: True)
    counts = dict.fromkeys(addresses, 0)
    for address in addresses:
        while made.may_make(address, total - sum(counts.values()), known=known) and sum(counts.values()) < total:
            made.note(address, f"{address}{counts[address]}")
            counts[address] += 1
    return counts


def test_an_address_alone_has_half_and_the_next_half_of_the_rest() -> None:
    assert fill(1000, "a", "b", "c") == {"a": 500, "b": 250, "c": 125}


def test_newcomers_leave_a_reserve_to_the_known_visitors_of_their_address() -> None:
    assert fill(1000, "a", known=False) == {"a": 429}
    assert has_share(429, 571, PEOPLE, known=True)


def test_as_many_as_people_are_expected_there_have_no_share() -> None:
    assert fill(80, "a", known=False) == {"a": 80}
    assert has_share(10**6, 1, 0)


def test_rooms_that_are_gone_do_not_count() -> None:
    there: set[str] = set()
    made = RoomsMade(lambda: 1, there.__contains__)
    for number in range(5):
        there.add(f"{number}")
        made.note("a", f"{number}")
    assert not made.may_make("a", 5, known=True)
    there.remove("3")
    assert made.may_make("a", 5, known=True)
    there.clear()
    for number in range(2 * FORGET_FROM):
        made.note(f"{number}", "gone")
    assert len(made._made) <= FORGET_FROM
