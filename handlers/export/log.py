"""What the teacher's desk did in a room, in words, as static/js/desk/log_text.js says it. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

KEY: Final = "js.desk.log."


def log_text(entry: Mapping[str, object], translate: Callable[..., str], title: str, user: str) -> str:
    """Return an entry as a text. `title` is the room's, `user` what whom it is about is called."""
    did, what, on = entry["did"], entry.get("what"), entry.get("on")
    minutes, seconds = entry.get("minutes", 0), entry.get("seconds", 0)
    off = on is False or (did == "mute" and not minutes) or (did == "slow" and not seconds)
    where = "_in" if entry.get("room") is not None else ""
    keys = [f"{did}.{what}" if what else None, f"{did}_user" if user else None, f"{did}{where}", f"{did}"]
    for key in filter(None, keys):
        for found in [f"{key}_off", key] if off else [key]:
            try:
                return translate(KEY + found, title=title, user=user, minutes=minutes, seconds=seconds)
            except KeyError:
                pass
    return " · ".join(filter(None, (str(did), title, user)))
