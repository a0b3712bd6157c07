"""Ranks this machine's addresses by how likely a phone in the same room can reach them. Pure.

Only its name reveals what an interface is for, and each system has its own naming: systemd's predictable names, macOS's
BSD names, and on Windows the names from the settings, in English or Korean.
"""

import enum
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import NamedTuple


class Interface(NamedTuple):
    """An address of this machine, and the name of the interface that has it."""

    name: str
    address: IPv4Address | IPv6Address


class Kind(enum.IntEnum):
    """Kinds of networks, those most likely to have phones on them first."""

    WIFI = 0
    WIRED = 1
    OTHER = 2
    OWN_NETWORK = 3  # provided by this machine: a hotspot, or a network of virtual machines
    MOBILE = 4
    TUNNEL = 5
    NO_ROUTER = 6  # an address that the system assigned itself because no DHCP server answered
    INSIDE = 7  # containers and virtual machines
    LOOPBACK = 8


# The first pattern that matches the whole name, in lower case, decides.
NAMES: tuple[tuple[Kind, str], ...] = (
    (Kind.LOOPBACK, r"lo\d*|.*loopback.*"),
    (Kind.INSIDE, r"(docker|podman|virbr|vnet|lxcbr|lxdbr|incusbr|cni|vboxnet|vmnet|vmenet|anpi|awdl|llw)-?\d+"),
    (Kind.INSIDE, r"br-[0-9a-f]{12}|veth[0-9a-z]+|cali.*|cilium.*|flannel.*|kube.*|weave.*|docker_gwbridge|bridge0"),
    (Kind.INSIDE, r"vethernet \((default switch|wsl.*|nat|docker.*|hns.*)\)|.*(host-only|virtualbox|vmware).*"),
    (Kind.TUNNEL, r"(u?tun|tap|wg|ppp|ipsec|gpd|ham|zt|tailscale|nordlynx|proton|warp)[-\w]*|cloudflarewarp"),
    (Kind.TUNNEL, r".*(vpn|tailscale|zerotier|wireguard|wintun|nordlynx|tap-windows|hamachi|tunnel|teredo|isatap).*"),
    (Kind.MOBILE, r"(wwan|wwp|wwx|rmnet|pdp_ip|bnep).*|.*(bluetooth|cellular|mobile|셀룰러|휴대폰).*"),
    (Kind.OWN_NETWORK, r"bridge\d+|u?ap\d+|(local area connection|로컬 영역 연결)\* ?\d*"),
    (Kind.WIFI, r"(wl|ath|ra)\w*\d\w*|(wi-?fi|wireless|무선).*"),
    (
        Kind.WIRED,
        r"(en|eth|em|usb|br|bond|team)\w*\d\w*|p\d+p\d+|(ethernet|이더넷|local area connection|로컬 영역 연결).*",
    ),
)

# VirtualBox's default network; on Windows its interface may be called "Ethernet 2".
VIRTUALBOX = IPv4Network("192.168.56.0/24")


def kind(interface: Interface) -> Kind:
    """Return the kind of network behind `interface`."""
    name, address = interface.name.lower(), interface.address
    named = next((kind for kind, names in NAMES if re.fullmatch(names, name)), Kind.OTHER)
    if named is Kind.LOOPBACK or address.is_loopback:
        return Kind.LOOPBACK
    if named is Kind.INSIDE or (isinstance(address, IPv4Address) and address in VIRTUALBOX):
        return Kind.INSIDE
    return Kind.NO_ROUTER if address.is_link_local else named


def rank(interfaces: Iterable[Interface], outward: IPv4Address | IPv6Address | None = None) -> list[Interface]:
    """Return the addresses that others can reach, the most likely first; containers' only if there are no others.

    `outward` is the source address of the default route, if there is one.
    """

    def order(interface: Interface) -> tuple[int, bool, bool]:
        address = interface.address
        return kind(interface), not address.is_private, address != outward

    reachable = [interface for interface in interfaces if kind(interface) is not Kind.LOOPBACK]
    outside = [interface for interface in reachable if kind(interface) is not Kind.INSIDE]
    return sorted(outside or reachable, key=order)
