"""How text is normalised before it is stored. Pure.

static/js/text.js has the same rules, so that the page sends nothing that would be empty here.
"""

import re
from typing import Final

from realtime.unicode import whole

# White_Space as defined by Unicode, by Python and by JavaScript, and three zero-width characters. No others: an
# invisible character can change the letter or emoji next to it, and U+2800 and U+3164 indent text art.
ENDS: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)

# ENDS, control characters, Default_Ignorable_Code_Point (DerivedCoreProperties.txt, which includes reserved code
# points), and whatever else renders as nothing: interlinear annotation marks, the empty braille pattern, a null
# notehead.
INVISIBLE: Final = re.compile(
    rf"[{re.escape(ENDS)}\x00-\x1f\x7f-\x9f"
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\ufff9-\ufffb\u2800\U0001d159]*"
)


def normalised(text: str) -> str:
    """Return `text` trimmed, or an empty string if nothing in it is visible.

    Lone surrogates become U+FFFD and line ends a line feed. NULs, which end a text in SQLite and many other programs,
    are removed.
    """
    text = whole(text).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip(ENDS)
    return "" if INVISIBLE.fullmatch(text) else text
