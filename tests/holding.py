"""What tests of held messages share: a desk that is told of them, and rooms in which all is held."""

from realtime.chat.desk.waiting import Flag, HeldAnswer
from realtime.chat.model import RoomView, Visitor
from tests.classroom import teacher
from tests.world import Peer, World


def flags(world: World, *ids: str) -> list[Flag]:
    """Return what waits, or those of these ids that wait, as the desk sees it."""
    held = world.service.held
    return [flag for flag in map(held.flag, ids or held.ids()) if flag is not None]


class Judge:
    """A desk: its teacher, and what it was told."""

    def __init__(self, world: World, who: Visitor) -> None:
        self.world = world
        self.who = who
        self.flags: list[Flag] = []
        self.decided: list[str] = []
        world.service.held.on_held = lambda _, held_id: self.flags.extend(flags(world, held_id))
        world.service.held.on_decided = lambda _, held: self.decided.append(held)

    async def show(self, flag: Flag) -> None:
        await self.world.service.desk.show(self.who, flag.room, flag.held)

    async def drop(self, flag: Flag) -> None:
        await self.world.service.desk.drop(self.who, flag.room, flag.held)


async def approving(world: World, **form: object) -> tuple[RoomView, Peer, Peer, Judge]:
    """Return a room where all is held, two people in it, and a desk."""
    sender, other = await world.peer(), await world.peer()
    room = await world.room(sender.who, **form)
    for peer in (sender, other):
        await peer.join(room)
    desk = Judge(world, await teacher(world))
    await world.service.desk.approve(desk.who, room.id, True)
    return room, sender, other, desk


async def hold(peer: Peer, room: RoomView, chat: str, nonce: str | None = None) -> HeldAnswer:
    """Say something that is held."""
    answer = await peer.world.service.post(peer.who, room.id, chat, nonce)
    assert isinstance(answer, HeldAnswer)
    return answer


async def listed(world: World, *words: str) -> Judge:
    """Put words on the list."""
    desk = Judge(world, await teacher(world))
    await world.service.desk.words(desk.who, list(words))
    return desk
