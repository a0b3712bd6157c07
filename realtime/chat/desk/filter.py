"""Which texts the teacher sees first: all in a room with `approve` on, and those with a word of the list."""

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, cast

from realtime.chat.desk.house import House
from realtime.chat.desk.ports import DeskStore, JsonValue
from realtime.chat.desk.words import WordList, words_of
from realtime.chat.model import HeldWhy, Visitor
from realtime.chat.room import Room
from realtime.errors import BadRequest, StartError, TooLarge

SETTING: Final = "words"
WORDS_A_TURN: Final = 200
MOST_BYTES: Final = 800_000


class HeldFor(NamedTuple):
    """Why something is held; `word` is the one of the list that was found."""

    why: HeldWhy
    word: str | None = None


APPROVE: Final = HeldFor("approve")


class WordFile(NamedTuple):
    """A file of words, and the digest by which it is known whether it has changed."""

    words: list[str]
    digest: str


def read_words(path: Path) -> WordFile:
    """Read a file of words: UTF-8, one a line. Raises StartError or OSError."""
    data = path.read_bytes()
    try:
        return WordFile(words_of(data.decode("utf-8-sig").splitlines()), sha256(data).hexdigest())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StartError(f"{path}, line {line}: this is not UTF-8") from error
    except ValueError as error:
        raise StartError(f"{path}: {error}") from error


class Filter:
    """The word list, and whom and what it concerns. Whispers are never looked at, nor is what a teacher says."""

    def __init__(self, house: House, store: DeskStore) -> None:
        self.words: list[str] = []
        self._list = WordList()
        self._house = house
        self._store = store
        self._changing = asyncio.Lock()

    async def load(self, file: WordFile | None) -> None:
        """Load the list as it was left at the desk; a file that has changed since replaces it. Raises Storage."""
        stored = (await self._store.settings()).get(SETTING)
        known = stored if isinstance(stored, dict) else {}
        if file is not None and known.get("file") != file.digest:
            known = {"file": file.digest, "words": cast(JsonValue, file.words)}
            await self._store.set(SETTING, known)
        self.words = cast("list[str]", known.get("words", []))
        self._list = await _list_of(self.words)

    def lift(self) -> None:
        """Let no word be on the list, whatever is stored."""
        self.words, self._list = [], WordList()

    def listed(self) -> list[str]:
        """Return the list. Raises TooLarge for one from a file that no message can hold."""
        if sum(len(word.encode()) for word in self.words) > MOST_BYTES:
            raise TooLarge
        return self.words

    async def change(self, lines: list[str]) -> int:
        """Replace the whole list; return how many words there are. Raises BadRequest or Storage."""
        async with self._changing:
            try:
                words = await asyncio.to_thread(words_of, lines)
            except ValueError as error:
                raise BadRequest from error
            made = await _list_of(words)
            stored = (await self._store.settings()).get(SETTING)
            file = stored.get("file") if isinstance(stored, dict) else None
            await self._store.set(SETTING, {"file": file, "words": cast(JsonValue, words)})
            self.words, self._list = words, made
        return len(words)

    def reason(self, who: Visitor, room: Room, text: str | None) -> HeldFor | None:
        """Return why the teacher must see first what somebody says to the room, or None if they need not."""
        if not (self.words or room.rules.approve) or self._house.is_teacher(who.id):
            return None
        word = self._list.find(text) if text is not None else None
        if word is not None:
            return HeldFor("word", word)
        return APPROVE if room.rules.approve else None


async def _list_of(words: list[str]) -> WordList:
    """Return a list of the words, with turns of the event loop in between."""
    made = WordList()
    for at in range(0, len(words), WORDS_A_TURN):
        made.add(words[at : at + WORDS_A_TURN])
        await asyncio.sleep(0)
    return made
