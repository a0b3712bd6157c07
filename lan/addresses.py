"""The addresses at which a listening server can be opened."""

import ipaddress
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

import msgspec

from lan.interfaces import interfaces, outward
from lan.ranking import rank

DEFAULT_PORTS = {"http": 80, "https": 443}


class Address(msgspec.Struct, frozen=True):
    """An address to open. `interface` is "" if unknown; `local`: only this machine can open it."""

    url: str
    interface: str
    local: bool


def addresses(bound: Iterable[str], port: int, scheme: str) -> list[Address]:
    """Return the addresses of a server whose sockets listen on `bound`, those most likely reachable by others first.

    Computed anew each time, because a laptop moves between networks.
    """
    there = interfaces()
    names = {interface.address: interface.name for interface in there}
    found: dict[IPv4Address | IPv6Address, None] = {}
    for text in bound:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not address.is_unspecified:
            found[address] = None
            continue
        family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
        same = [interface for interface in there if interface.address.version == address.version]
        found.update(dict.fromkeys(interface.address for interface in rank(same, outward(family))))
        found[ipaddress.ip_address("127.0.0.1" if family is socket.AF_INET else "::1")] = None
    all_ = [
        Address(url_of(scheme, address, port), names.get(address, ""), local=address.is_loopback) for address in found
    ]
    return sorted(all_, key=lambda address: address.local)


def url_of(scheme: str, address: IPv4Address | IPv6Address, port: int) -> str:
    """Return the URL to type for an address."""
    host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
