"""What of a packet's data may stand in a log: ids, colours, codes and numbers, and of all else the length. Pure.

Nobody's words may: what is deleted is gone for good, and a log is kept. Nor may what opens a door, as a password or the
name of an image. So a value is shown only under a key that is known to hold no words, and only in that key's form: a
client may put anything anywhere.
"""

import re
from typing import Final

import msgspec

_ID: Final = re.compile(r"[0-9a-f]{24}")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}|system")
_TIME: Final = re.compile(r"[0-9TZ:.-]{1,24}")
_CODE: Final = re.compile(r"[a-z_]{1,32}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}")
_NAMESPACE: Final = re.compile(r"/[A-Za-z0-9_/-]{0,64}")

_TEXTS: Final = {
    "_id": _ID,
    "room": _ID,
    "user": _COLOUR,
    "to": _COLOUR,
    "subject": _COLOUR,
    "owner": _COLOUR,
    "members": _COLOUR,
    "createdAt": _TIME,
    "event": _CODE,
    "error": _CODE,
    "field": _CODE,
    "reason": _CODE,
    "nonce": _TOKEN,
    "sid": _TOKEN,
}
_NUMBERS: Final = frozenset(("seq", "after", "max", "members", "width", "height", "retry_after"))
_WITHOUT_LENGTH: Final = "password"


def redacted(value: object, key: str | None = None) -> str:
    """Return `value`, which stands under `key` or by itself, much like JSON; `…14` is a text of 14 characters."""
    match value:
        case None:
            told = "null"
        case bool():
            told = "true" if value else "false"
        case str() if key == _WITHOUT_LENGTH:
            told = "…"
        case str():
            told = _quoted(value, _TEXTS.get(key) if key else _ID)
        case int() | float() if key in _NUMBERS:
            told = str(value)
        case bytes() | bytearray() | memoryview():
            told = f"…{len(value)} bytes"
        case list() | tuple():
            told = f"[{','.join([redacted(item, key) for item in value])}]"
        case dict():
            pairs = [f"{_quoted(str(name), _NAME)}:{redacted(item, str(name))}" for name, item in value.items()]
            told = f"{{{','.join(pairs)}}}"
        case msgspec.Struct():
            told = redacted(msgspec.to_builtins(value), key)
        case _:
            told = "…"
    return told


def event_name(name: str | float) -> str:
    """Return an event's name, or its length if it is no name but a text."""
    return _quoted(name, _NAME) if isinstance(name, str) else str(name)


def namespace_name(name: str) -> str:
    """Return a namespace's name, or its length if it is none of ours."""
    return name if _NAMESPACE.fullmatch(name) else f"/…{len(name)}"


def _quoted(text: str, form: re.Pattern[str] | None) -> str:
    return f'"{text}"' if form is not None and form.fullmatch(text) else f"…{len(text)}"
