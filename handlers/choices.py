"""What a reader has chosen: how the pages look, whether pictures move, the language, and what Enter does."""

from typing import Any, Final, Literal, get_args

import msgspec

from realtime.errors import BadRequest

SEPARATOR: Final = "/"


class Choices(msgspec.Struct, frozen=True):
    """A reader's choices. The first value of each is what holds for who chose nothing."""

    theme: Literal["system", "light", "dark"] = "system"
    motion: Literal["system", "play", "still"] = "system"
    lang: Literal["browser", "ko", "en"] = "browser"
    enter: Literal["device", "send", "line"] = "device"

    def changed(self, values: dict[str, object]) -> "Choices":
        """Return these with those that `values` names. Raises BadRequest."""
        given = {name: values[name] for name in self.__struct_fields__ if name in values}
        try:
            return msgspec.convert({**msgspec.to_builtins(self), **given}, Choices)
        except msgspec.ValidationError as error:
            raise BadRequest from error

    @property
    def language(self) -> Literal["ko", "en"] | None:
        """The chosen language, if one was."""
        return None if self.lang == "browser" else self.lang

    @property
    def schemes(self) -> str:
        """The values of CSS's `color-scheme`."""
        return "light dark" if self.theme == "system" else self.theme


USUAL: Final = Choices()

OFFERED: Final[dict[str, tuple[Any, ...]]] = {name: get_args(hint) for name, hint in Choices.__annotations__.items()}
"""By name, the values that can be chosen."""

_FEWEST: Final = 3
"""How many choices there were at first; a cookie of then has no others."""


def joined(session: str, choices: Choices) -> str:
    """Return what the cookie says of a session id and its choices: the former alone where nothing was chosen."""
    return session if choices == USUAL else f"{session}{SEPARATOR}{'.'.join(msgspec.structs.astuple(choices))}"


def parted(said: str) -> tuple[str, Choices]:
    """Return the session id and the choices of a cookie. Whatever has no choices at its end is a session id."""
    session, separator, chosen = said.rpartition(SEPARATOR)
    values = chosen.split(".")
    if not separator or not _FEWEST <= len(values) <= len(OFFERED):
        return said, USUAL
    try:
        return session, USUAL.changed(dict(zip(OFFERED, values, strict=False)))
    except BadRequest:
        return said, USUAL
