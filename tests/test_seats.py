"""Seats: who takes one, who loses it, and what becomes of them when the cards change."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tornado.ioloop import IOLoop

from realtime.chat.desk.seating import SeatTaken
from realtime.chat.desk.seats import Seats
from realtime.chat.model import RoomView, Visitor
from realtime.chat.policy import Limits
from realtime.errors import BadRequest, Banned, Muted, NotFound, SeatNeeded, Storage, TooFast
from tests.conftest import ExpectLog
from tests.desk import Desk, open_desk
from tests.world import LINGER_S, Peer, World, world

__all__ = ["world"]


class Class:
    """The seats of a world, and its teacher at the desk."""

    def __init__(self, world: World, page: Desk) -> None:
        self.world = world
        self.desk = world.service.desk
        self.page = page
        self.teacher = page.who
        self.seats = Seats(world.service, world.visitors, world.stores, world.clock, key=b"key")

    @property
    def told(self) -> list[SeatTaken]:
        """What the desk was told of taken seats."""
        return [msgspec.convert(event, SeatTaken) for event in self.page.events("seat")]

    def code(self, label: str) -> str:
        return next(card.code for card in self.seats.cards() if card.label == label)

    async def take(self, who: Visitor, label: str) -> None:
        await self.seats.take(who, self.code(label))
        await asyncio.sleep(0)  # the desk is told at the end of the turn

    async def pupil(self, label: str | None = None) -> Visitor:
        """Return a new visitor, who has this seat."""
        who = await self.world.visitor()
        if label is not None:
            await self.take(who, label)
        return who

    async def inside(self, room: RoomView, who: Visitor) -> Peer:
        """Return a socket of a visitor in the room."""
        peer = await self.world.peer(who)
        await peer.join(room)
        return peer

    def labels(self, *people: Visitor) -> list[str | None]:
        return [self.seats.label_of(who.id) for who in people]

    async def restarted(self) -> "Class":
        """Return the seats as they are after a restart."""
        await self.world.restart()
        return await open_class(self.world, self.teacher)


async def open_class(world: World, teacher: Visitor | None = None) -> Class:
    """Return the seats as they are stored."""
    made = Class(world, await open_desk(world, teacher))
    await made.seats.start()
    return made


@pytest.fixture
def room(world: World, io_loop: IOLoop) -> Iterator[Class]:
    """Return a class with three seats."""
    made = io_loop.run_sync(lambda: open_class(world))
    io_loop.run_sync(lambda: made.seats.arrange(made.teacher, 3, ["Ann", "Ben"]))
    yield made


async def test_a_card_gives_its_seat_until_a_restart_and_after_it(room: Class) -> None:
    ann = await room.pupil()
    assert [card.label for card in room.seats.cards()] == ["Ann", "Ben", "3"]
    assert len({card.code for card in room.seats.cards()}) == 3
    await room.seats.take(ann, room.code("Ann").lower())
    await asyncio.sleep(0)
    assert room.told == [SeatTaken("Ann", ann.user, None, twice=False)]
    again = await room.restarted()
    assert again.labels(ann) == ["Ann"] and again.seats.taken() == 1
    assert again.seats.cards() == room.seats.cards()


async def test_who_takes_a_seat_again_changes_nothing(room: Class) -> None:
    ann = await room.pupil("Ann")
    await room.take(ann, "Ann")
    assert len(room.told) == 1


async def test_another_device_takes_the_seat_over(room: Class) -> None:
    phone, laptop = await room.pupil("Ann"), await room.pupil("Ann")
    assert room.labels(phone, laptop) == [None, "Ann"]
    assert room.told[1] == SeatTaken("Ann", laptop.user, phone.user, twice=False)
    logged = room.page.events("log")[-1]
    assert (logged["did"], logged["user"], logged["before"], logged["seat"]) == ("seat", laptop.user, phone.user, "Ann")
    assert (await room.restarted()).labels(phone, laptop) == [None, "Ann"]


async def test_a_visitor_has_only_the_seat_that_they_took_last(room: Class) -> None:
    one, other = await room.pupil("Ann"), await room.pupil("Ben")
    await room.take(one, "Ben")
    assert room.labels(one, other) == ["Ben", None] and room.seats.taken() == 1
    await room.take(other, "Ann")
    assert room.labels(one, other) == ["Ben", "Ann"]


async def test_of_two_who_take_a_seat_at_once_the_later_has_it(room: Class) -> None:
    people = [await room.world.visitor() for _ in range(3)]
    await asyncio.gather(*(room.take(who, "Ann") for who in people))
    assert room.labels(*people) == [None, None, "Ann"]
    assert [taken.before for taken in room.told] == [None, *(who.user for who in people[:2])]


async def test_a_card_that_was_renewed_is_void_and_its_device_stays(room: Class) -> None:
    ann, ben = await room.pupil("Ann"), await room.pupil("Ben")
    before = {card.label: card.code for card in room.seats.cards()}
    await room.seats.renew(room.teacher, "Ann", free=False)
    after = {card.label: card.code for card in room.seats.cards()}
    assert after["Ann"] != before["Ann"] and after["Ben"] == before["Ben"]
    assert room.labels(ann, ben) == ["Ann", "Ben"]
    with pytest.raises(NotFound):
        await room.seats.take(ben, before["Ann"])
    await room.seats.renew(room.teacher, None, free=True)
    assert not set(after.values()) & {card.code for card in room.seats.cards()}
    assert room.labels(ann, ben) == [None, None]
    with pytest.raises(NotFound):
        await room.seats.renew(room.teacher, "Nobody", free=False)


async def test_new_labels_leave_codes_and_devices_where_they_were(room: Class) -> None:
    house = room.world.service.house
    ann, third = await room.pupil("Ann"), await room.pupil("3")
    codes = [card.code for card in room.seats.cards()]
    numbers = house.seat_of(ann.id), house.seat_of(third.id)
    await room.seats.arrange(room.teacher, 0, ["Abe", "Ann", "Cem"])
    assert room.labels(ann, third) == ["Ann", "Cem"]
    assert room.code("Ann") == codes[0] and room.code("Cem") == codes[2] and room.code("Abe") not in codes
    assert (house.seat_of(ann.id), house.seat_of(third.id)) == numbers
    await room.seats.arrange(room.teacher, 1, [])
    assert room.labels(ann, third) == [None, None] and room.code("1") not in codes[1:]


async def test_more_than_two_hundred_seats_are_refused(room: Class) -> None:
    with pytest.raises(BadRequest):
        await room.seats.arrange(room.teacher, 201, [])
    assert len(room.seats) == 3


async def test_wrong_codes_are_throttled_and_a_right_one_is_no_guess(tmp_path: Path) -> None:
    world = await World(tmp_path, Limits()).start()
    room = await open_class(world)
    await room.seats.arrange(room.teacher, 1, [])
    guesser, pupil = await room.pupil(), await room.pupil()
    for _ in range(5):
        assert room.seats.find(guesser, room.code("1")).label == "1"
        with pytest.raises(NotFound):
            room.seats.find(guesser, "00000-00000")
    with pytest.raises(TooFast):
        room.seats.find(guesser, room.code("1"))
    for _ in range(50):
        room.seats.find(pupil, room.code("1"))
    await world.stop()


async def test_nothing_is_told_of_a_seat_that_could_not_be_stored(room: Class, expect_log: ExpectLog) -> None:
    expect_log("gifchat.db", "full")
    ann = await room.pupil()
    await room.world.kept.refuse(True)
    with pytest.raises(Storage):
        await room.take(ann, "Ann")
    await room.world.kept.refuse(False)
    assert room.labels(ann) == [None] and not room.told


async def test_the_desk_sees_the_seats_of_people_and_classmates_do_not(room: Class) -> None:
    lesson = await room.world.room()
    ann, ben = await room.inside(lesson, await room.pupil("Ann")), await room.inside(lesson, await room.pupil())
    await room.take(ben.who, "Ben")
    await room.seats.arrange(room.teacher, 0, ["Anna", "Ben"])
    await ann.say(lesson, "hi")
    await room.world.pass_time(1)
    people = room.page.events("room")[-1]["people"]
    assert isinstance(people, list)
    assert [person["seat"] for person in people] == ["Anna", "Ben"]
    assert "Ann" not in str(ann.heard + ben.heard) and "Ben" not in str(ann.heard + ben.heard)


# --- two devices with one card


@pytest.mark.parametrize("namespace", ["/chat", "/room"])
async def test_a_card_shown_twice_at_the_same_time_is_told_to_the_desk_and_the_earlier_device(
    room: Class, namespace: str
) -> None:
    phone = await room.pupil("Ann")
    page = await room.world.peer(phone, namespace)
    laptop = await room.pupil("Ann")
    assert room.told[-1] == SeatTaken("Ann", laptop.user, phone.user, twice=True)
    assert [event for event, _ in page.heard] == ["seatTaken"]


async def test_a_mute_goes_with_the_card_and_stays_with_the_device_that_had_it(room: Class) -> None:
    lesson = await room.world.room()
    phone = await room.pupil("Ann")
    await room.inside(lesson, phone)
    await room.desk.mute(room.teacher, phone.user, None, 10)
    laptop = await room.inside(lesson, await room.pupil("Ann"))
    for peer in (laptop, await room.inside(lesson, phone)):
        with pytest.raises(Muted):
            await peer.say(lesson, "안녕")
    await room.desk.mute(room.teacher, phone.user, None, 0)
    assert (await room.inside(lesson, phone)).events("muted") == []


async def test_a_banned_seat_stays_banned_on_another_device_and_after_a_restart(room: Class) -> None:
    lesson = await room.world.room()
    phone, laptop = await room.pupil("Ann"), await room.inside(lesson, await room.pupil())
    await room.desk.ban(room.teacher, phone.user)
    await room.take(laptop.who, "Ann")
    assert len(laptop.events("kicked")) == 1
    for _ in range(2):
        for who in (laptop.who, phone):
            with pytest.raises(Banned):
                await room.inside(lesson, who)
        room = await room.restarted()
    await room.desk.unban(room.teacher, phone.user)
    for who in (laptop.who, phone):
        await room.inside(lesson, who)


async def test_a_banned_visitor_is_not_free_by_taking_a_seat(room: Class) -> None:
    lesson = await room.world.room()
    phone = await room.pupil()
    await room.desk.ban(room.teacher, phone.user)
    await room.take(phone, "Ann")
    with pytest.raises(Banned):
        await room.inside(lesson, phone)


@pytest.mark.parametrize("lost_by", ["another card", "renewed", "fewer cards"])
async def test_who_loses_a_seat_is_not_free_of_what_was_decided_about_it(room: Class, lost_by: str) -> None:
    lesson = await room.world.room()
    ann = await room.pupil("Ann")
    peer = await room.inside(lesson, ann)
    await room.desk.mute(room.teacher, ann.user, None, 10)
    if lost_by == "another card":
        await room.take(ann, "Ben")
    elif lost_by == "renewed":
        await room.seats.renew(room.teacher, "Ann", free=True)
    else:
        await room.seats.arrange(room.teacher, 0, ["Ben"])
    with pytest.raises(Muted):
        await peer.say(lesson, "안녕")
    await room.desk.mute(room.teacher, ann.user, None, 0)
    await peer.say(lesson, "안녕")


@pytest.mark.sqlite
async def test_a_ban_finds_who_loses_their_seat_while_it_is_stored(room: Class) -> None:
    lesson = await room.world.room()
    for first in (True, False):
        ann, ben = await room.pupil("Ann"), await room.pupil()
        acts = [room.desk.ban(room.teacher, ann.user), room.take(ben, "Ann")]
        await asyncio.gather(*(acts if first else reversed(acts)))
        with pytest.raises(Banned):
            await room.inside(lesson, ann)
        await room.desk.unban(room.teacher, ann.user)


async def test_a_ban_is_listed_once_when_its_seat_is_no_more(room: Class) -> None:
    lesson = await room.world.room()
    ann = await room.pupil("Ann")
    await room.desk.ban(room.teacher, ann.user)
    await room.seats.arrange(room.teacher, 0, ["Ben"])
    for _ in range(2):
        assert [(ban.user, ban.seat) for ban in room.desk.settings().bans] == [(ann.user, None)]
        with pytest.raises(Banned):
            await room.inside(lesson, ann)
        room = await room.restarted()
    await room.desk.unban(room.teacher, ann.user)
    await room.inside(lesson, ann)


# --- only with a card


async def test_who_is_inside_without_a_card_is_put_out_and_the_room_waits_for_them(room: Class) -> None:
    owner, ben = await room.pupil(), await room.pupil("Ben")
    lesson = await room.world.room(owner)
    out, stays = await room.inside(lesson, owner), await room.inside(lesson, ben)
    teacher = await room.inside(lesson, room.teacher)
    lobby, other_lobby = await room.world.peer(owner, "/room"), await room.world.peer(ben, "/room")
    await out.say(lesson, "before")
    await room.desk.allow(room.teacher, "cards", True)
    assert [event["room"] for event in out.events("seatNeeded")] == [lesson.id]
    assert len(lobby.events("seatNeeded")) == 1 and not lobby.socket.connected
    assert not stays.events("seatNeeded") and not teacher.events("seatNeeded") and other_lobby.socket.connected
    assert room.world.service.view(lesson.id).owner == owner.user
    for act in (out.join(lesson), out.say(lesson, "x"), room.world.room(owner)):
        with pytest.raises(SeatNeeded):
            await act
    stays.leave(lesson)
    teacher.leave(lesson)
    await room.world.pass_time(LINGER_S / 2)
    await room.take(owner, "Ann")
    assert [record.chat for record in (await out.join(lesson, 0)).missed if record.user != "system"] == ["before"]


async def test_a_device_that_loses_its_seat_is_put_out_when_one_is_needed(room: Class) -> None:
    lesson = await room.world.room(room.teacher)
    await room.desk.allow(room.teacher, "cards", True)
    phone = await room.inside(lesson, await room.pupil("Ann"))
    laptop = await room.inside(lesson, await room.pupil("Ann"))
    assert phone.events("seatNeeded") and not laptop.events("seatNeeded")
    await room.seats.renew(room.teacher, None, free=True)
    assert laptop.events("seatNeeded")


async def test_the_switch_stays_on_over_a_restart(room: Class) -> None:
    lesson = await room.world.room(room.teacher)
    await room.inside(lesson, room.teacher)
    await room.desk.allow(room.teacher, "cards", True)
    ann, nobody = await room.pupil("Ann"), await room.pupil()
    room = await room.restarted()
    with pytest.raises(SeatNeeded):
        await room.inside(lesson, nobody)
    await room.inside(lesson, ann)
    await room.desk.allow(room.teacher, "cards", False)
    await room.inside(lesson, nobody)
