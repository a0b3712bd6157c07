"""The terminal output when the server is ready."""

import urllib.parse
from collections.abc import Sequence

from lan import qr
from lan.addresses import Address


def welcome(addresses: Sequence[Address], *, code: bool, desk: str | None = None) -> str:
    """Return the addresses to open, the most likely for phones first and, with `code`, its QR code.

    `desk` is the token that opens the teacher's desk, if there is one: its address is for the reader alone.
    """
    width = max(len(address.url) for address in addresses)
    lines = [f"  {address.url:{width}}  {_remark(address)}".rstrip() for address in addresses]
    first = addresses[0]
    if first.local:
        lines += ["", "  Only this machine can open it."]
    else:
        if code:
            lines += ["", qr.terminal(first.url)]
        lines += [f"  For the projector: {first.url}/join"]
        here = next((address.url for address in addresses if address.local), None)
        if here is not None:  # this page keeps working, and shows the new address, when the machine changes networks
            lines += [f"  On this machine:   {here}/join  on any network"]
    if desk is not None:
        token = urllib.parse.quote(desk, safe="")
        lines += ["", "  The teacher's desk. Keep this address to yourself, and off the projector:"]
        lines.append(f"  {first.url}/desk?token={token}")
    return "\n".join(lines)


def _remark(address: Address) -> str:
    return "this machine only" if address.local else address.interface
