"""The log of the wire, which `--debug` shows: a line for each packet, and why a connection went.

    > EVENT /chat ["chat",{"_id":"…","seq":7,"chat":…14}] to room 0123456789abcdef01234567
    < EVENT /chat 12["chat",{"room":"0123456789abcdef01234567","chat":…14}] from k3Jd9a

`<` came in and `>` goes out. What is emitted to many is one line. A connection goes by the first characters of its id,
since all of the id would let a reader speak in its name. What of the data is shown, `realtime.redaction` decides.
"""

import logging
from typing import Final

from realtime.reason import Reason

log: Final = logging.getLogger("gifchat.wire")

LABEL_LENGTH: Final = 6


def is_shown() -> bool:
    """Return whether the wire is logged. What deals with packets asks once, when it is made."""
    return log.isEnabledFor(logging.DEBUG)


def received(packet: object, peer: object) -> None:
    """Log a packet that `peer` sent."""
    log.debug("< %s from %s", packet, peer)


def sent(packet: object, to: object) -> None:
    """Log a packet that goes to `to`."""
    log.debug("> %s to %s", packet, to)


def ended(peer: object, reason: Reason, cause: str) -> None:
    """Log why a connection ended; `cause`, if it is not empty, tells more than `reason`."""
    log.debug("%s closed: %s%s", peer, reason, f" ({cause})" if cause else "")
