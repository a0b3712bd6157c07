"""Redacts packets for logs: ids, colours, codes and numbers are shown, of everything else only the length. Pure.

What people write is never logged, because deleted messages must be gone for good and logs are kept. Nor are secrets
such as passwords and image names. So a value is shown only under a key known to be safe, and only in that key's format:
a client can put anything anywhere.
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
    """Return `value`, under `key` or on its own, in a form like JSON; `…14` is a text of 14 characters."""
    match value:
        case None:
            shown = "null"
        case bool():
            shown = "true" if value else "false"
        case str() if key == _WITHOUT_LENGTH:
            shown = "…"
        case str():
            shown = _quoted(value, _TEXTS.get(key) if key else _ID)
        case int() | float() if key in _NUMBERS:
            shown = str(value)
        case bytes() | bytearray() | memoryview():
            shown = f"…{len(value)} bytes"
        case list() | tuple():
            shown = f"[{','.join([redacted(item, key) for item in value])}]"
        case dict():
            pairs = [f"{_quoted(str(name), _NAME)}:{redacted(item, str(name))}" for name, item in value.items()]
            shown = f"{{{','.join(pairs)}}}"
        case msgspec.Struct():
            shown = redacted(msgspec.to_builtins(value), key)
        case _:
            shown = "…"
    return shown


def event_name(name: str | float) -> str:
    """Return an event's name, or its length if it is free text."""
    return _quoted(name, _NAME) if isinstance(name, str) else str(name)


def namespace_name(name: str) -> str:
    """Return a namespace's name, or its length if it is unknown."""
    return name if _NAMESPACE.fullmatch(name) else f"/…{len(name)}"


def _quoted(text: str, form: re.Pattern[str] | None) -> str:
    return f'"{text}"' if form is not None and form.fullmatch(text) else f"…{len(text)}"
