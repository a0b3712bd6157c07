"""What people write: how it is kept. Pure.

static/js/text.js says the same to the page, so that it sends nothing that is empty here.
"""

import re
from typing import Final

from realtime.unicode import whole

# White_Space, as Unicode has it and Python and JavaScript each take for it, and three characters without any width. No
# others: what is invisible next to a letter or an emoji may still change it, and U+2800 and U+3164 indent pictures.
ENDS: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)

# ENDS and control characters, Default_Ignorable_Code_Point (DerivedCoreProperties.txt; code points that may become one
# are in it already), and what else is drawn as nothing: the marks of interlinear annotation, the empty braille pattern,
# a null notehead.
UNSEEN: Final = re.compile(
    rf"[{re.escape(ENDS)}\x00-\x1f\x7f-\x9f"
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\ufff9-\ufffb\u2800\U0001d159]*"
)


def kept(text: str) -> str:
    """Return `text` as it is kept: trimmed, and empty when nothing in it can be seen.

    Halves of characters are U+FFFD, lines end in a line feed, and a NUL, for SQLite and many a program the end of the
    text, is taken out.
    """
    text = whole(text).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip(ENDS)
    return "" if UNSEEN.fullmatch(text) else text
