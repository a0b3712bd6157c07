"""The lines of a room's page, and how long they are kept."""

import pytest

from handlers.lines import MOST, Lines
from handlers.made import KEPT_S
from handlers.pages import Pages
from handlers.resources import TEMPLATES
from realtime.chat.wire_forms import Reaction, Record
from tests.doubles import ManualClock

ME, OTHER = "#112233", "#445566"


class Counted(Pages):
    """Counts how often a line is drawn."""

    drawn = 0

    def macro(self, *arguments: object) -> object:  # type: ignore[override]  # handed on as it is
        self.drawn += 1
        return super().macro(*arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def pages() -> Counted:
    return Counted(TEMPLATES, debug=False)


def said(seq: int, chat: str = "<b>안녕</b>", **more: object) -> Record:
    return Record("0" * 24, seq, "1" * 24, OTHER, "2026-01-01T00:00:00.000Z", chat, **more)  # type: ignore[arg-type]


def drawn_for(lines: Lines, pages: Counted, record: Record, me: str = ME) -> tuple[str, int]:
    """Return a line, and how many had to be drawn for it."""
    before = pages.drawn
    (line,) = lines.draw("ko", [record], me)
    return line, pages.drawn - before


def test_a_line_is_drawn_once_for_all_who_open_the_room_together(pages: Counted) -> None:
    lines = Lines(pages)
    line, drawn = drawn_for(lines, pages, said(1))
    assert drawn == 1 and "&lt;b&gt;안녕&lt;/b&gt;" in line and 'class="other"' in line
    assert drawn_for(lines, pages, said(1), me="#999999") == (line, 0)
    assert drawn_for(lines, pages, said(2))[1] == 1


def test_each_sees_what_is_their_own(pages: Counted) -> None:
    lines = Lines(pages)
    assert 'class="other"' in drawn_for(lines, pages, said(1))[0]
    assert 'class="mine"' in drawn_for(lines, pages, said(1), me=OTHER)[0]
    reacted = said(2, reactions={"👍": Reaction(1, [ME])})
    assert 'aria-pressed="true"' in drawn_for(lines, pages, reacted)[0]
    assert 'aria-pressed="true"' not in drawn_for(lines, pages, reacted, me="#999999")[0]


def test_a_changed_record_is_drawn_anew(pages: Counted) -> None:
    lines = Lines(pages)
    drawn_for(lines, pages, said(1))
    line, drawn = drawn_for(lines, pages, said(1, "고침", rev=2, edited_at="2026-01-01T00:01:00.000Z"))
    assert drawn == 1 and "고침" in line


def test_no_line_is_kept_for_long_and_not_many(pages: Counted) -> None:
    clock = ManualClock()
    lines = Lines(pages, clock.time)
    drawn_for(lines, pages, said(1))
    clock.advance(KEPT_S / 2)
    assert drawn_for(lines, pages, said(1))[1] == 0
    clock.advance(KEPT_S)
    lines.draw("ko", [], ME)
    assert drawn_for(lines, pages, said(1))[1] == 1
    lines.draw("ko", [said(seq) for seq in range(2, MOST + 3)], ME)
    assert drawn_for(lines, pages, said(1))[1] == 1
