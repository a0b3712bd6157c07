"""Dates and times as texts, in the server's time zone: a saved conversation has no script to learn its reader's."""

import datetime
from typing import Final

from handlers.pages import Language

_DAYS: Final = {
    "ko": ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NOON: Final = 12


class Moments:
    """Writes moments in one language, as the pages do."""

    def __init__(self, lang: Language, zone: datetime.tzinfo | None = None) -> None:
        """`zone` is the server's own if it is None."""
        self._lang = lang
        self._zone = zone

    def read(self, iso: str) -> datetime.datetime:
        """Return a RECORD's time."""
        return datetime.datetime.fromisoformat(iso).astimezone(self._zone)

    def now(self) -> datetime.datetime:
        """Return the time it is."""
        return datetime.datetime.now(datetime.UTC).astimezone(self._zone)

    def day(self, moment: datetime.datetime) -> str:
        """Return the date with the day of the week."""
        weekday = _DAYS[self._lang][moment.weekday()]
        return f"{self.date(moment)} {weekday}" if self._lang == "ko" else f"{weekday}, {self.date(moment)}"

    def date(self, moment: datetime.datetime) -> str:
        """Return the date."""
        if self._lang == "ko":
            return f"{moment.year}년 {moment.month}월 {moment.day}일"
        return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"

    def clock(self, moment: datetime.datetime) -> str:
        """Return the time of day."""
        hour = moment.hour % _NOON or _NOON
        if self._lang == "ko":
            return f"{'오전' if moment.hour < _NOON else '오후'} {hour}:{moment.minute:02}"
        return f"{hour}:{moment.minute:02} {'AM' if moment.hour < _NOON else 'PM'}"

    def zone(self, moment: datetime.datetime) -> str:
        """Return the time zone, as its distance from UTC."""
        minutes = int((moment.utcoffset() or datetime.timedelta()).total_seconds()) // 60
        return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
