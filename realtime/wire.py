"""The packet log shown by `--debug`: a line per packet, and why each connection ended.

    > EVENT /chat ["chat",{"_id":"…","seq":7,"chat":…14}] to room 0123456789abcdef01234567
    < EVENT /chat 12["chat",{"room":"0123456789abcdef01234567","chat":…14}] from k3Jd9a

`<` is incoming, `>` outgoing. A broadcast is one line. Connections are identified by the first characters of their id,
because the whole id would let a reader impersonate them. `realtime.redaction` decides which data is shown.
"""

import logging
from typing import Final

from realtime.reason import Reason

log: Final = logging.getLogger("gifchat.wire")

LABEL_LENGTH: Final = 6


def is_shown() -> bool:
    """Return whether packets are logged. Objects that handle packets check once, when they are created."""
    return log.isEnabledFor(logging.DEBUG)


def received(packet: object, peer: object) -> None:
    """Log a packet that `peer` sent."""
    log.debug("< %s from %s", packet, peer)


def sent(packet: object, to: object) -> None:
    """Log a packet sent to `to`."""
    log.debug("> %s to %s", packet, to)


def ended(peer: object, reason: Reason, cause: str) -> None:
    """Log why a connection ended; `cause`, if not empty, adds detail to `reason`."""
    log.debug("%s closed: %s%s", peer, reason, f" ({cause})" if cause else "")
