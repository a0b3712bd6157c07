"""This machine's network interfaces."""

import contextlib
import ipaddress
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address

import psutil

from lan.ranking import Interface

# Reserved for documentation, so nobody uses them (RFC 5737, RFC 3849).
ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def interfaces() -> list[Interface]:
    """Return the addresses of all interfaces that are up."""
    up = {name for name, state in psutil.net_if_stats().items() if state.isup}
    return [
        Interface(name, ipaddress.ip_address(entry.address))
        for name, entries in psutil.net_if_addrs().items()
        if name in up
        for entry in entries
        # A link-local address (with a "%") means nothing to another machine.
        if entry.family in ELSEWHERE and "%" not in entry.address
    ]


def own_addresses() -> frozenset[str]:
    """Return this machine's addresses."""
    return frozenset(str(interface.address) for interface in interfaces())


def is_own(address: str, own: Collection[str]) -> bool:
    """Return whether a peer's address is this machine's: a loopback one, or one of `own`."""
    address = address.removeprefix("::ffff:")  # of an IPv4 peer of an IPv6 socket
    return address in own or address.startswith("127.") or address == "::1"


def outward(family: socket.AddressFamily) -> IPv4Address | IPv6Address | None:
    """Return the source address of the default route; None without such a route."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((ELSEWHERE[family], 9))  # sends nothing: it only asks for the route
        return ipaddress.ip_address(probe.getsockname()[0])
    return None
