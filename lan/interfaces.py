"""This machine's network interfaces, as its system tells them."""

import contextlib
import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

import psutil

from lan.ranking import Interface

# Nobody has these: they are for documentation (RFC 5737, RFC 3849).
ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def interfaces() -> list[Interface]:
    """Return the addresses of all interfaces that are up."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        Interface(name, ipaddress.ip_address(entry.address))
        for name, entries in psutil.net_if_addrs().items()
        if name in up
        for entry in entries
        # An address of a link alone (with a "%") means nothing to another machine.
        if entry.family in ELSEWHERE and "%" not in entry.address
    ]


def outward(family: socket.AddressFamily) -> IPv4Address | IPv6Address | None:
    """Return the address that the way out of this network begins at; None when there is no way."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((ELSEWHERE[family], 9))  # sends nothing: it only asks for the route
        return ipaddress.ip_address(probe.getsockname()[0])
    return None
