"""The addresses of a listening server as text and QR codes; the firewall command; opening the browser."""

import io
import os
import re
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
import segno

import lan.addresses
from lan import firewall, qr
from lan.addresses import Address, addresses
from lan.interfaces import interfaces
from lan.ranking import Interface
from terminal.browser import restore_library_path
from terminal.welcome import welcome
from tests.server import running

URL = "http://192.168.0.12:8005"


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this machine is a laptop on Wi-Fi with a VPN and Docker."""
    there = ["lo 127.0.0.1", "lo ::1", "docker0 172.17.0.1", "tun0 10.8.0.2", "wlp2s0 192.168.0.12", "wlp2s0 fd00::2"]
    found = [Interface(name, ip_address(address)) for name, _, address in (line.partition(" ") for line in there)]
    monkeypatch.setattr(lan.addresses, "interfaces", lambda: found)
    monkeypatch.setattr(lan.addresses, "outward", lambda family: None)


def test_the_interfaces_of_this_machine_are_found() -> None:
    assert any(interface.address.is_loopback for interface in interfaces())


# --- addresses


def test_listening_on_all_addresses_lists_every_interface(laptop: None) -> None:
    assert addresses(["0.0.0.0"], 8005, "http") == [
        Address(URL, "wlp2s0", local=False),
        Address("http://10.8.0.2:8005", "tun0", local=False),
        Address("http://127.0.0.1:8005", "lo", local=True),
    ]


def test_ipv4_and_ipv6_addresses_are_listed(laptop: None) -> None:
    urls = [address.url for address in addresses(["0.0.0.0", "::"], 443, "https")]
    assert urls == [
        "https://192.168.0.12",
        "https://10.8.0.2",
        "https://[fd00::2]",
        "https://127.0.0.1",
        "https://[::1]",
    ]


def test_listening_on_one_address_lists_only_that_one(laptop: None) -> None:
    assert addresses(["10.8.0.2"], 80, "http") == [Address("http://10.8.0.2", "tun0", local=False)]
    assert addresses(["192.0.2.7"], 8005, "http") == [Address("http://192.0.2.7:8005", "", local=False)]
    assert addresses(["127.0.0.1", "::1"], 8005, "http") == [
        Address("http://127.0.0.1:8005", "lo", local=True),
        Address("http://[::1]:8005", "lo", local=True),
    ]


# --- the welcome in the terminal


def test_the_welcome_lists_the_interfaces_and_ends_with_the_join_page(laptop: None) -> None:
    lines = welcome(addresses(["0.0.0.0"], 8005, "http"), code=False).splitlines()
    assert lines == [
        "  http://192.168.0.12:8005  wlp2s0",
        "  http://10.8.0.2:8005      tun0",
        "  http://127.0.0.1:8005     this machine only",
        "  For the projector: http://192.168.0.12:8005/join",
        "  On this machine:   http://127.0.0.1:8005/join  on any network",
    ]


def test_the_welcome_of_a_single_network_address_ends_with_its_join_page(laptop: None) -> None:
    lines = welcome(addresses(["192.168.0.12"], 8005, "http"), code=False).splitlines()
    assert lines[-1] == "  For the projector: http://192.168.0.12:8005/join"


def test_the_welcome_on_loopback_has_no_qr_code() -> None:
    output = welcome([Address("http://127.0.0.1:8005", "lo", local=True)], code=True)
    assert output == "  http://127.0.0.1:8005  this machine only\n\n  Only this machine can open it."


def test_the_qr_code_in_the_terminal_encodes_the_address(laptop: None) -> None:
    output = welcome(addresses(["0.0.0.0"], 8005, "http"), code=True)
    assert modules(output) == [[bool(module) for module in row] for row in segno.make_qr(URL).matrix_iter(border=4)]


def modules(output: str) -> list[list[bool]]:
    """Return the modules of the QR code in `output`, True for dark ones."""
    halves = {" ": (True, True), "▀": (False, True), "▄": (True, False), "█": (False, False)}
    rows: list[list[bool]] = []
    for line in re.findall(r"^  \x1b\[38;5;231;48;5;16m(.*)\x1b\[0m$", output, re.MULTILINE):
        rows += [[halves[character][half] for character in line] for half in (0, 1)]
    return rows[:-1]  # the last half row is not part of the code


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_qr_code_is_shown_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert qr.can_show(Screen())
    assert not qr.can_show(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    monkeypatch.setattr(Screen, "encoding", "latin-1")
    assert not qr.can_show(Screen())
    monkeypatch.setattr(Screen, "encoding", "cp949")
    assert not qr.can_show(Screen())


def test_a_dumb_terminal_gets_no_qr_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not qr.can_show(Screen())


def test_the_qr_code_svg_has_no_style_and_no_script() -> None:
    drawn = qr.svg(URL)
    assert re.match(r'<svg viewBox="0 0 33 33">', drawn)
    assert not re.search(r"style|script|class", drawn)


# --- the firewall


@pytest.mark.parametrize(
    ("system", "installed", "expected"),
    [
        ("linux", {"ufw", "iptables"}, "sudo ufw allow 8005/tcp"),
        ("linux", {"firewall-cmd", "iptables"}, "sudo firewall-cmd --add-port=8005/tcp"),
        ("linux", {"iptables"}, "sudo iptables -I INPUT -p tcp --dport 8005 -j ACCEPT"),
        ("linux", set(), ""),
        (
            "win32",
            set(),
            'netsh advfirewall firewall add rule name="gifchat" dir=in action=allow protocol=TCP localport=8005',
        ),
    ],
)
def test_the_firewall_command_matches_the_system(system: str, installed: set[str], expected: str) -> None:
    assert firewall.command(8005, system, installed.__contains__) == expected


def test_on_macos_the_firewall_command_allows_this_program() -> None:
    output = firewall.command(8005, "darwin")
    assert f"ps -o comm= -p {os.getpid()}" in output
    assert '--unblockapp "$app"' in output


# --- the browser


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_open_option_opens_the_browser(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!{sys.executable}\nimport sys\nopen({str(tmp_path / "opened")!r}, "x").write(sys.argv[1])\n')
    browser.chmod(0o755)
    with running(tmp_path / "data", "--open", env={"BROWSER": f"{browser} %s"}) as server:
        opened = tmp_path / "opened"
        wait_until(lambda: opened.exists() and opened.read_text() != "")
        assert opened.read_text() == server.url


def test_without_a_browser_the_server_still_starts(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--open", env={"BROWSER": "/no/such/browser %s", "PATH": str(tmp_path)}) as server:
        wait_until(lambda: "no browser found to open" in server.stderr)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is nothing to restore")
def test_a_binary_restores_the_library_path_for_child_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/of/the/source")
    restore_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/of/the/source"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/tmp/_MEI:/usr/own")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/usr/own")
    restore_library_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/usr/own"
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    restore_library_path()
    assert "LD_LIBRARY_PATH" not in os.environ
