"""gifchat as in a classroom: `python -m tools.pictures.server OPTIONS`.

Its machine is on a school's Wi-Fi, whatever network this one is on: an address of that is what /join shows, and the
port that it has when nobody asks for another.
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
    """Return where it is to be opened."""
    return lan.addresses.addresses(bound, PORT, scheme)


if __name__ == "__main__":
    with (
        patch("lan.addresses.interfaces", return_value=[WIFI]),
        patch("lan.addresses.outward", return_value=WIFI.address),
        patch("composition.addresses", addresses),
    ):
        gifchat.main()
