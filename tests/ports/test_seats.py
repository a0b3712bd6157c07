"""What a seat store guarantees (`SeatStore`)."""

from realtime.chat.desk.ports import StoredSeat
from tests.ports.implementations import Implementation
from tests.ports.people import GUEST, OWNER, restart


async def arranged(kept: Implementation, *seats: StoredSeat) -> list[StoredSeat]:
    """Return the seats as stored."""
    await kept.stores.seats.arrange(seats)
    await restart(kept)
    return await kept.stores.seats.seats()


def new(label: str) -> StoredSeat:
    return StoredSeat(0, label, f"word of {label}")


async def test_seats_are_stored_in_order_with_a_number_of_their_own(kept: Implementation) -> None:
    first, second = await arranged(kept, new("10"), new("2"))
    assert [first[1:], second[1:]] == [new("10")[1:], new("2")[1:]]
    assert 0 < first.number != second.number > 0
    assert await arranged(kept, second, first._replace(label="ten")) == [second, first._replace(label="ten")]


async def test_the_number_of_a_seat_that_is_gone_is_not_given_again(kept: Implementation) -> None:
    first, second = await arranged(kept, new("1"), new("2"))
    assert await arranged(kept, first) == [first]
    assert await arranged(kept) == []
    (third,) = await arranged(kept, new("3"))
    assert third.number > second.number


async def test_a_visitor_has_the_seat_that_they_took_last(kept: Implementation) -> None:
    first, second = await arranged(kept, new("1"), new("2"))
    await kept.stores.seats.take(first.number, GUEST.id)
    await kept.stores.seats.take(second.number, OWNER.id)
    await kept.stores.seats.take(second.number, GUEST.id)
    await kept.stores.seats.take(second.number, GUEST.id)
    await kept.stores.seats.take(99, GUEST.id)
    await restart(kept)
    assert [seat.visitor_id for seat in await kept.stores.seats.seats()] == [None, GUEST.id]


async def test_seats_can_be_arranged_with_their_visitors(kept: Implementation) -> None:
    first, second = await arranged(kept, new("1"), new("2"))
    swapped = [first._replace(visitor_id=OWNER.id), second._replace(visitor_id=GUEST.id)]
    assert await arranged(kept, *swapped) == swapped
    swapped = [first._replace(visitor_id=GUEST.id), second._replace(visitor_id=OWNER.id)]
    assert await arranged(kept, *swapped) == swapped


async def test_the_seat_of_a_forgotten_visitor_is_free(kept: Implementation) -> None:
    (seat,) = await arranged(kept, new("1"))
    await kept.stores.seats.take(seat.number, GUEST.id)
    assert GUEST.id in await kept.stores.visitors.forget(1000)
    await restart(kept)
    assert await kept.stores.seats.seats() == [seat]
