"""The host that a request names: read in one place, and one that this server answers to, or not.

A page of the internet can have its own name mean this server (DNS rebinding). To the browser both are then one site,
so that neither cookies nor Origin tell them apart: only the name does. What is answered, nobody on the internet can
have mean an address here: addresses themselves, names that no public DNS holds, and what the operator says.
"""

import functools
import ipaddress
import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

_LABEL: Final = r"[0-9A-Za-z_-]{1,63}"
_AUTHORITY: Final = re.compile(
    rf"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>{_LABEL}(?:\.{_LABEL})*)\.?)(?::(?P<port>[0-9]{{0,5}}))?"
)
_NUMBERS: Final = re.compile(r"[0-9.]+", re.ASCII)
_MOST_CHARACTERS: Final = 253  # of a name (RFC 1035, section 2.3.4)
_MOST_PORT: Final = 65_535

_PRIVATE: Final = (".localhost", ".local", ".lan", ".home.arpa", ".internal")
"""Never in public DNS: RFC 6761 (6.3), RFC 6762 (3), in use by routers, RFC 8375 (3), ICANN's board of 2024."""


NO_NAME: Final = "127.0.0.1"
"""Stands for the host of a request of HTTP/1.0, which may have none; so it is in Tornado, too."""


class Authority(NamedTuple):
    """A host, a name in lower case and without the dot of the root, and the port, if it was written."""

    host: str | IPv4Address | IPv6Address
    port: int | None


def read_authority(text: str) -> Authority | None:
    """Return what `text` names: a Host header's value, or this part of a URL; None if it is no such thing.

    Nothing but ASCII names: what a browser shows in another script, or with "%", it sends as IDNA's ASCII form.
    """
    return _read(text) if len(text) <= _MOST_CHARACTERS + len(".:65535") else None


@functools.lru_cache(maxsize=256)
def _read(text: str) -> Authority | None:
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    name = found["name"]
    if (port or 0) > _MOST_PORT or len(name or "") > _MOST_CHARACTERS:
        return None
    try:
        if name is None:
            return Authority(IPv6Address(found["ipv6"]), port)
        # "127.1", "0177.0.0.1" and "2130706433" are addresses for some programs and names for others.
        return Authority(IPv4Address(name) if _NUMBERS.fullmatch(name) else name.lower(), port)
    except ipaddress.AddressValueError:
        return None


def is_trustworthy(host: str) -> bool:
    """Return whether browsers trust this host without HTTPS: it is their own machine (Secure Contexts, 3.1)."""
    authority = read_authority(host)
    if authority is None:
        return False
    name = authority.host
    return name == "localhost" or name.endswith(".localhost") if isinstance(name, str) else name.is_loopback


def read_names(text: str) -> tuple[str, ...]:
    """Return the names in `text`, separated by commas. Raises ValueError for what is none.

    Names in other scripts become their ASCII form.
    """
    return tuple(_name(part.strip()) for part in text.split(",") if part.strip())


def _name(text: str) -> str:
    try:
        authority = read_authority(text.encode("idna").decode("ascii"))
    except UnicodeError:
        authority = None
    if authority is None or authority.port is not None or not isinstance(authority.host, str):
        raise ValueError("is not a name, or several with commas between them")
    return authority.host


class Names:
    """The names that a server answers to: `further` ones beside those that are safe by themselves, or `every` one.

    Every one is right behind a proxy that was given the names to answer to.
    """

    def __init__(self, further: Collection[str] = (), *, every: bool = False) -> None:
        self._further = frozenset(further)
        self._every = every

    def answers(self, host: str) -> bool:
        """Return whether a request for this host is answered; one that cannot be read is not."""
        authority = read_authority(host)
        if authority is None:
            return False
        name = authority.host
        if self._every or not isinstance(name, str) or "." not in name or name.endswith(_PRIVATE):
            return True
        # This machine's own name may come with the network, and change with it.
        return name in self._further or name == socket.gethostname().lower().removesuffix(".")
