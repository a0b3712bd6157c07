"""What shows that a peer is the teacher. Pure."""

import msgspec


class DeskPass(msgspec.Struct, frozen=True):
    """Until when, by the clock's `elapsed`, its holder is the teacher."""

    until: float
