"""A conversation as one HTML file: written piece by piece, so that a large one is never in memory as a whole."""

import base64
import datetime
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from markupsafe import Markup

from handlers.export.log import log_text
from handlers.export.moments import Moments
from handlers.export.people import Called, People, face_parts
from handlers.export.pictures import MIB, THUMB_BYTES, Embedding, Shown, picture, size_of
from handlers.export.text import is_emoji_alone, pieces_of
from handlers.pages import Language, Pages
from realtime.chat.export import Conversation
from realtime.chat.model import SYSTEM
from realtime.chat.wire_forms import Record

TEMPLATE: Final = "export/page.html"
POLICY: Final = "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
GROUPED_S: Final = 180
"""As in the room, what one person says within this time is one group."""
FOLDED_FROM: Final = 4
"""As in the room, so many lines in a row about who comes and goes are one."""
COMING_AND_GOING: Final = ("join", "exit")


@dataclass
class Survey:
    """What must be known of a conversation before its first line is written."""

    messages: dict[str, int] = field(default_factory=dict)
    called: dict[str, str | None] = field(default_factory=dict)
    said: int = 0
    pictures: int = 0
    moving: bool = False
    first: str | None = None
    last: str | None = None

    def add(self, record: Record) -> None:
        """Look at the next record."""
        if record.re is not None and record.re.user != SYSTEM:
            self.messages.setdefault(record.re.user, 0)
        user = record.subject if record.user == SYSTEM else record.user
        if user is not None:
            self.messages.setdefault(user, 0)
            self.called[user] = record.name
        if record.user == SYSTEM:
            return
        self.messages[record.user] += 1
        self.said += 1
        self.pictures += record.gif is not None
        self.moving |= record.poster is not None
        self.first, self.last = self.first or record.created_at, record.created_at


class SavedPage:
    """Writes one conversation."""

    def __init__(  # noqa: PLR0913  its dependencies
        self,
        pages: Pages,
        lang: Language,
        names: Called,
        folder: Path,
        moments: Moments,
        *,
        thumbnail: Callable[[str], Awaitable[bytes | None]],
    ) -> None:
        """`folder` is that of the images; `thumbnail` makes a small copy of a still one."""
        self._thumbnail = thumbnail
        self._pages = pages
        self._lang = lang
        self._names = names
        self._t = pages.translator(lang)
        self._embedding = Embedding(folder)
        self._moments = moments
        self._people = People(self._t, names, {}, {})
        self._group: tuple[str, bool, datetime.datetime] | None = None
        self._day: datetime.date | None = None
        self._coming: list[Record] = []

    async def write(self, conversation: Conversation) -> AsyncIterator[bytes]:
        """Yield the file. Raises what `Conversation.pages` raises; before the first piece, if nothing can be read."""
        survey = Survey()
        async for page in conversation.pages():
            for record in page:
                survey.add(record)
        self._people = People(self._t, self._names, survey.messages, survey.called)
        yield self._begin(conversation.room.title, survey).encode()
        async for page in conversation.pages():
            for record in page:
                async for piece in self._record(record):
                    yield piece
        yield (self._folded() + self._ungrouped()).encode()
        if not survey.said:
            yield self._made("empty").encode()
        yield self._log(conversation.room.title, await conversation.log()).encode()
        async for piece in self._index():
            yield piece
        yield self._made("end").encode()

    def _made(self, name: str, *values: object, **named: object) -> str:
        """Return what a macro makes: plain text, which to join with another escapes nothing again."""
        return str(self._pages.macro(TEMPLATE, self._lang, name)(*values, **named))

    def _begin(self, title: str, survey: Survey) -> str:
        style = self._pages.render("export/style.css", self._lang)
        style += self._people.style(face_parts(self._pages, self._lang))
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        t, now = self._t, self._moments.now()
        counts = [("person", "people", len(self._people)), ("message", "messages", survey.said)]
        if survey.pictures:
            counts.append(("picture", "pictures", survey.pictures))
        facts = [t(f"export.{one}") if count == 1 else t(f"export.{many}", count=count) for one, many, count in counts]
        if survey.first is not None and survey.last is not None:
            days = [self._moments.date(self._moments.read(iso)) for iso in (survey.first, survey.last)]
            facts.insert(0, " – ".join(dict.fromkeys(days)))
        moment = f"{self._moments.date(now)} {self._moments.clock(now)}"
        return self._made(
            "begin",
            title=title,
            policy=POLICY.format(digest),
            style=Markup(style),  # ours: of people there are only colours in it
            facts=facts,
            made=t("export.made", moment=moment, zone=self._moments.zone(now)),
            people=list(self._people),
            moving=survey.moving,
        )

    # Lines

    async def _record(self, record: Record) -> AsyncIterator[bytes]:
        if record.event in COMING_AND_GOING:
            self._coming.append(record)
            return
        moment = self._moments.read(record.created_at)
        before = self._folded() + self._new_day(moment)
        if record.user == SYSTEM:
            yield (before + self._ungrouped() + self._made("system", record.seq, self._system(record))).encode()
            return
        before += self._new_group(record, moment)
        quoted = record.re and self._people.of(record.re.user) if record.re and record.re.user != SYSTEM else None
        fields = msgspec.to_builtins(record)
        yield (before + self._made("open", fields, quoted)).encode()
        if record.gif is not None and record.deleted is None:
            async for piece in self._figure(record):
                yield piece
        text = record.chat or ""
        pieces = [piece._asdict() for piece in pieces_of(text)] if text else []
        yield self._made("close", fields, pieces, is_emoji_alone(text)).encode()

    def _new_day(self, moment: datetime.datetime) -> str:
        if moment.date() == self._day:
            return ""
        self._day = moment.date()
        return self._ungrouped() + self._made("day", self._moments.day(moment))

    def _new_group(self, record: Record, moment: datetime.datetime) -> str:
        teaches = record.role is not None
        if self._group is not None:
            user, taught, since = self._group
            if (user, taught) == (record.user, teaches) and 0 <= (moment - since).total_seconds() < GROUPED_S:
                return ""
        ended = self._ungrouped()
        self._group = record.user, teaches, moment
        person = self._people.of(record.user)
        return ended + self._made("group", person, record.created_at, self._moments.clock(moment), teaches)

    def _ungrouped(self) -> str:
        ended, self._group = "</section>\n" if self._group is not None else "", None
        return ended

    def _folded(self) -> str:
        """Return the lines about who came and went since the last other one."""
        coming, self._coming = self._coming, []
        if not coming:
            return ""
        before = self._new_day(self._moments.read(coming[0].created_at)) + self._ungrouped()
        lines = [(record.seq, self._system(record)) for record in coming]
        if len(coming) < FOLDED_FROM:
            return before + "".join(self._made("system", seq, text) for seq, text in lines)
        joins = sum(record.event == "join" for record in coming)
        exits = len(coming) - joins
        kind = "both" if joins and exits else "joins" if joins else "exits"
        return before + self._made("fold", self._t(f"js.fold.{kind}", joins=joins, exits=exits), lines)

    def _system(self, record: Record) -> str:
        if record.event is None or record.subject is None:
            return record.chat or ""
        kind = "nameless" if record.event == "name" and record.name is None else record.event
        return self._t(f"js.system.{kind}", user=self._people.of(record.subject).label, name=record.name)

    def _log(self, title: str, entries: Sequence[Mapping[str, object]]) -> str:
        """Return what the desk did, as far as it concerns somebody who is here."""
        lines = []
        for entry in entries:
            user = entry.get("user")
            if user is None or user in self._people:
                moment = self._moments.read(str(entry["at"]))
                label = self._people.of(str(user)).label if user is not None else ""
                told = log_text(entry, self._t, title, label)
                lines.append((entry["at"], f"{self._moments.date(moment)} {self._moments.clock(moment)}", told))
        return self._made("log", lines) if lines else ""

    # Images

    async def _figure(self, record: Record) -> AsyncIterator[bytes]:
        shown = self._embedding.show(record)
        alt = self._t("export.image_by", number=shown.number, user=self._people.of(record.user).label)
        file = await self._embedding.open(shown.gif)
        if file is None:
            yield self._note(self._t("export.missing"))
            return
        flashes = record.flashes
        yield b'<figure class="flashing">' if flashes else b"<figure>"
        if self._embedding.take(file, shown):
            pieces = self._whole(file, shown, alt, flashes=flashes)
        else:
            pieces = self._left_out(file, shown, alt)
        async for piece in pieces:
            yield piece
        yield (self._made("caption", shown.number) + "</figure>\n").encode()

    async def _whole(self, file: BinaryIO, shown: Shown, alt: str, *, flashes: bool) -> AsyncIterator[bytes]:
        """Yield an image and, of a moving one, its still; what flashes moves only in an open `<details>`."""
        if flashes:
            yield self._made("flashes").encode()
        async for piece in picture(file, shown.gif, shown, "moving" if shown.poster is not None else "", alt):
            yield piece
        if flashes:
            yield b"</details>\n"
        if shown.poster is not None and (still := await self._embedding.open(shown.poster)) is not None:
            async for piece in picture(still, shown.poster, shown, "still", alt):
                yield piece

    async def _left_out(self, file: BinaryIO, shown: Shown, alt: str) -> AsyncIterator[bytes]:
        """Yield a small still in place of a large image; the first time, with a note."""
        size = size_of(file)
        file.close()
        async for piece in self._thumb(shown, alt):
            yield piece
        if shown.times == 1:
            yield self._note(self._t("export.left_out", size=_size_text(size)))

    def _note(self, text: str) -> bytes:
        return self._made("note", text).encode()

    async def _index(self) -> AsyncIterator[bytes]:
        if not self._embedding.shown:
            return
        yield self._made("index_begin").encode()
        for shown in self._embedding.shown:
            person = self._people.of(shown.user)
            yield self._made("thumb_open", shown).encode()
            async for piece in self._thumb(shown, alt=""):
                yield piece
            yield self._made("thumb_close", shown, person).encode()
        yield self._made("index_end").encode()

    async def _thumb(self, shown: Shown, alt: str) -> AsyncIterator[bytes]:
        """Yield a small still of an image, or its number if there can be none."""
        name = shown.poster or shown.gif
        file: BinaryIO | None = await self._embedding.open(name)
        if file is not None and size_of(file) > THUMB_BYTES:
            file.close()
            small = await self._thumbnail(name)
            name, file = "thumb.webp", io.BytesIO(small) if small is not None else None
        if file is None:
            yield str(shown.number).encode()
            return
        async for piece in picture(file, name, shown, "", alt):
            yield piece


def _size_text(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.1f} MB"
