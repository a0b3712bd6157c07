"""gifchat as in a classroom: `python -m tools.pictures.server OPTIONS`.

/join shows an address of a school's Wi-Fi and the default port, whatever this machine's network and the actual port.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address
from unittest.mock import patch

import gifchat
import lan.addresses
from lan.ranking import Interface

WIFI = Interface("wlan0", IPv4Address("192.168.0.23"))
PORT = 8005


def addresses(bound: Iterable[str], port: int, scheme: str) -> list[lan.addresses.Address]:
    """Return the addresses with the default port."""
    return lan.addresses.addresses(bound, PORT, scheme)


if __name__ == "__main__":
    with (
        patch("lan.addresses.interfaces", return_value=[WIFI]),
        patch("lan.addresses.outward", return_value=WIFI.address),
        patch("composition.addresses", addresses),
    ):
        gifchat.main()
