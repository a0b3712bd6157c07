"""The people of a saved conversation: what they are called there, and the marks by which they are told apart."""

import base64
import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from handlers.export.look import colour_word, ink_on, look_of
from handlers.pages import Language, Pages

Called = Literal["shown", "colours", "numbers"]
NAMES: Final[tuple[Called, ...]] = ("shown", "colours", "numbers")

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_PART: Final = re.compile(r'<g id="face-([a-z-]+)"[^\n]*</g>')
_OUTLINE: Final = "#1e2a63"


class Person(NamedTuple):
    """Somebody in the file. `mark` is a number to show instead of a face, `face` the class of the latter."""

    label: str
    face: str
    mark: str
    messages: int


class People:
    """Everybody in one file, in the order of their first messages."""

    def __init__(
        self,
        translate: Callable[..., str],
        how: Called,
        messages: Mapping[str, int],
        called: Mapping[str, str | None],
    ) -> None:
        """`messages`: how many each person sent, by colour; `called`: the name that each has last."""
        self._how = how
        self._by_user: dict[str, Person] = {}
        namesakes: Counter[str] = Counter()
        for number, (user, count) in enumerate(messages.items(), 1):
            if how == "numbers":
                self._by_user[user] = Person(translate("export.number", number=number), "", str(number), count)
                continue
            label = (called.get(user) if how == "shown" else None) or self._handle(translate, user, namesakes)
            self._by_user[user] = Person(label, f"f{number}", "", count)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_user.values())

    def __len__(self) -> int:
        return len(self._by_user)

    def __contains__(self, user: object) -> bool:
        return user in self._by_user

    def of(self, user: str) -> Person:
        """Return a person by their colour."""
        return self._by_user[user]

    def style(self, parts: Mapping[str, str]) -> str:
        """Return the rules that draw the faces, made of `parts`."""
        if self._how == "numbers":
            return ""
        return "".join(
            f'.{person.face}{{background-image:url("{_picture(user, parts)}")}}'
            for user, person in self._by_user.items()
        )

    @staticmethod
    def _handle(translate: Callable[..., str], user: str, namesakes: Counter[str]) -> str:
        if not _COLOUR.fullmatch(user):
            return user
        words = (
            f"{translate(f'js.who.colour.{colour_word(user)}')} {translate(f'js.who.animal.{look_of(user).animal}')}"
        )
        namesakes[words] += 1
        count = namesakes[words]
        return f"{words[:1].upper()}{words[1:]}{f' {count}' if count > 1 else ''}"


@functools.cache
def face_parts(pages: Pages, lang: Language) -> Mapping[str, str]:
    """Return the parts of faces, by name (templates/partials/faces.html)."""
    sprite = pages.macro("partials/faces.html", lang, "sprite")()
    return {part[1]: part[0] for part in _PART.finditer(sprite)}


def _picture(user: str, parts: Mapping[str, str]) -> str:
    """Return a face as a data URL, with the outline and the space around it that static/js/faces/drawn.js gives it."""
    colour = user if _COLOUR.fullmatch(user) else "#888888"
    shapes = "".join(re.sub(r' id="[^"]*"', "", parts.get(name, ""), count=1) for name in look_of(colour).parts)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 64 64" fill="{colour}" color="{ink_on(colour)}"'
        f' stroke="{_OUTLINE}" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">{shapes}</svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
