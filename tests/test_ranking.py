"""The ranking of addresses, with interface names from real machines."""

from ipaddress import ip_address

import pytest

from lan.ranking import Interface, Kind, kind, rank


def interfaces(table: str) -> list[Interface]:
    """Read lines of `address name`."""
    lines = (line.split(maxsplit=1) for line in table.strip().splitlines())
    return [Interface(name, ip_address(address)) for address, name in lines]


def addresses(found: list[Interface]) -> list[str]:
    return [str(interface.address) for interface in found]


@pytest.mark.parametrize(
    ("expected", "names"),
    [
        (Kind.WIFI, ["wlp2s0", "wlan0", "wlx00c0ca123456", "wlo1", "ath0", "ra0"]),
        (Kind.WIFI, ["Wi-Fi", "Wi-Fi 2", "WiFi", "무선 네트워크 연결", "Wireless Network Connection"]),
        (
            Kind.WIRED,
            ["enp3s0", "eno1", "eth0", "ens33", "enx001122334455", "en0", "en7", "em1", "p4p1", "br0", "bond0"],
        ),
        (Kind.WIRED, ["Ethernet", "Ethernet 3", "이더넷", "이더넷 2", "Local Area Connection", "로컬 영역 연결"]),
        (Kind.OTHER, ["lan", "vEthernet (External)", "Port 1"]),
        (Kind.OWN_NETWORK, ["bridge100", "ap0", "uap0", "Local Area Connection* 2", "로컬 영역 연결* 10"]),
        (Kind.MOBILE, ["wwan0", "wwp0s20u4", "bnep0", "Bluetooth 네트워크 연결", "Cellular", "셀룰러"]),
        (
            Kind.TUNNEL,
            ["tun0", "utun4", "wg0", "wg-home", "ppp0", "tailscale0", "zt7nnig34p", "ipsec0", "nordlynx", "proton0"],
        ),
        (Kind.TUNNEL, ["Tailscale", "ZeroTier One [8056c2e21c000001]", "OpenVPN TAP-Windows6", "My VPN", "gpd0"]),
        (Kind.INSIDE, ["docker0", "br-0a1b2c3d4e5f", "veth12ab34c", "virbr0", "vboxnet0", "vmnet8", "lxdbr0", "cni0"]),
        (Kind.INSIDE, ["podman1", "awdl0", "llw0", "bridge0", "vEthernet (Default Switch)", "vEthernet (WSL)"]),
        (Kind.INSIDE, ["vEthernet (WSL (Hyper-V firewall))", "VirtualBox Host-Only Network #2"]),
        (Kind.INSIDE, ["VMware Network Adapter VMnet1"]),
        (Kind.LOOPBACK, ["lo", "lo0", "Loopback Pseudo-Interface 1", "Npcap Loopback Adapter"]),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else "",
)
def test_the_kind_of_an_interface_is_known_from_its_name(expected: Kind, names: list[str]) -> None:
    assert {name: kind(Interface(name, ip_address("10.1.2.3"))) for name in names} == dict.fromkeys(names, expected)


@pytest.mark.parametrize(
    ("table", "outward", "expected"),
    [
        pytest.param(
            """
            127.0.0.1     lo
            172.17.0.1    docker0
            172.18.0.1    br-0a1b2c3d4e5f
            10.8.0.2      tun0
            192.168.0.12  wlp2s0
            """,
            "10.8.0.2",
            ["192.168.0.12", "10.8.0.2"],
            id="Linux laptop, VPN on, Docker",
        ),
        pytest.param(
            """
            10.0.0.5      enp3s0
            192.168.0.12  wlp2s0
            """,
            "10.0.0.5",
            ["192.168.0.12", "10.0.0.5"],
            id="by cable and by Wi-Fi: phones are on Wi-Fi",
        ),
        pytest.param(
            """
            192.168.64.1  bridge100
            169.254.7.7   en5
            192.168.1.20  en0
            192.168.1.21  en7
            100.101.1.1   utun4
            """,
            "192.168.1.21",
            ["192.168.1.21", "192.168.1.20", "192.168.64.1", "100.101.1.1", "169.254.7.7"],
            id="MacBook: the one with the way out of two alike",
        ),
        pytest.param(
            """
            192.168.56.1    이더넷 2
            172.28.80.1     vEthernet (Default Switch)
            172.20.0.1      vEthernet (WSL (Hyper-V firewall))
            192.168.137.1   로컬 영역 연결* 10
            169.254.1.1     Bluetooth 네트워크 연결
            192.168.0.9     Wi-Fi
            127.0.0.1       Loopback Pseudo-Interface 1
            """,
            None,
            ["192.168.0.9", "192.168.137.1", "169.254.1.1"],
            id="Windows, VirtualBox under an innocent name, hotspot",
        ),
        pytest.param(
            """
            8.8.4.4   eth0
            147.46.1.1    eth1
            10.1.1.1      eth2
            """,
            "147.46.1.1",
            ["10.1.1.1", "147.46.1.1", "8.8.4.4"],
            id="public addresses after private ones",
        ),
        pytest.param(
            "172.17.0.1 docker0\n127.0.0.1 lo", None, ["172.17.0.1"], id="a container's bridge, rather than none"
        ),
        pytest.param("127.0.0.1 lo", None, [], id="no network"),
        pytest.param("::1 lo\nfe80::1 eth0\nfd00::2 eth0", "fd00::2", ["fd00::2", "fe80::1"], id="IPv6"),
    ],
)
def test_the_likeliest_address_comes_first(table: str, outward: str | None, expected: list[str]) -> None:
    assert addresses(rank(interfaces(table), ip_address(outward) if outward else None)) == expected


def test_equally_likely_addresses_keep_the_systems_order() -> None:
    assert addresses(rank(interfaces("10.0.0.2 eth1\n10.0.0.1 eth0"))) == ["10.0.0.2", "10.0.0.1"]
