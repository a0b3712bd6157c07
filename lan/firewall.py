"""The command that opens this system's firewall. Nothing here runs it."""

import os
import shutil
import sys
from collections.abc import Callable

LINUX = {
    "firewall-cmd": "sudo firewall-cmd --add-port={port}/tcp",
    "ufw": "sudo ufw allow {port}/tcp",
    "iptables": "sudo iptables -I INPUT -p tcp --dport {port} -j ACCEPT",
}
WINDOWS = 'netsh advfirewall firewall add rule name="gifchat" dir=in action=allow protocol=TCP localport={port}'
# Its rules name the program, not the port. The shell finds the path, so nobody on the network sees it.
MACOS = (
    'app="$(ps -o comm= -p {process})"; fw=/usr/libexec/ApplicationFirewall/socketfilterfw; '
    'sudo $fw --add "$app" && sudo $fw --unblockapp "$app"'
)
SYSTEM_PATHS = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"  # a user's own PATH often leaves these out


def installed(tool: str) -> bool:
    """Return whether the program `tool` is installed."""
    return shutil.which(tool, path=SYSTEM_PATHS) is not None


def command(port: int, system: str = sys.platform, has: Callable[[str], bool] = installed) -> str:
    """Return the command for a system, by default this one; "" if it has no firewall that we know."""
    if system == "win32":
        template = WINDOWS
    elif system == "darwin":
        template = MACOS
    else:
        template = next((template for tool, template in LINUX.items() if has(tool)), "")
    return template.format(port=port, process=os.getpid())
