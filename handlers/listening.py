"""Where the server listens, and in what it wraps what it hears."""

import contextlib
import logging
import socket
import ssl
import sys
import time
from pathlib import Path
from typing import Any, Final

import tornado.netutil

from realtime.errors import StartError

if sys.platform != "win32":  # which knows no such limit
    import resource

log = logging.getLogger("gifchat")

BACKLOG = 4096  # a class that opens the page at once; 128 lets connections wait for a retry of their system

ENOUGH_FILES: Final = (65_536, 10_240)  # macOS allows the second at the most (setrlimit(2))
RESERVED_FILES: Final = 64  # not for connections: images, pages' files, the database
TOLD_EVERY_S: Final = 60.0


def allow_connections() -> None:
    """Let this process have as many connections as the system allows it: each is an open file.

    What a terminal starts may have 1,024, on macOS 256, unless it asks for more.
    """
    if sys.platform != "win32":
        for enough in ENOUGH_FILES:
            now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            wanted = enough if most == resource.RLIM_INFINITY else min(enough, most)
            if now != resource.RLIM_INFINITY and now < wanted:
                with contextlib.suppress(OSError, ValueError):
                    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _most_files() -> float:
    if sys.platform == "win32":
        return float("inf")
    now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return float("inf") if now == resource.RLIM_INFINITY else now


class Listener(socket.socket):
    """A listening socket that turns away whom there is no file left for.

    Else nothing could be accepted at the limit, and those who wait would have Tornado try again, and log it, without
    end; and who is in would get no more pages and images.
    """

    def __init__(self, plain: socket.socket) -> None:
        """Take over `plain`."""
        super().__init__(fileno=plain.detach())
        self.setblocking(False)
        self._files = _most_files()
        self._told_at = -TOLD_EVERY_S

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection. Raises ConnectionAbortedError, after which Tornado goes on, for one turned away."""
        connection, address = super().accept()
        # A new file has the lowest number that is free (POSIX, 2.6): so many are open.
        if connection.fileno() < self._files - min(RESERVED_FILES, self._files / 2):
            return connection, address
        connection.close()
        if time.monotonic() - self._told_at >= TOLD_EVERY_S:
            self._told_at = time.monotonic()
            log.warning("connections are turned away: this process may have %d files open (ulimit -n)", self._files)
        raise ConnectionAbortedError


def listen(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets. Raises StartError."""
    try:
        sockets = tornado.netutil.bind_sockets(port, host, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"cannot listen on {host} port {port}: {reason}") from error
    if not sockets:  # Tornado passes over a kind of address that the system does not know
        raise StartError(f"cannot listen on {host} port {port}: this system has no such kind of address")
    return [Listener(plain) for plain in sockets]


def tls_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return the TLS settings, if there is a certificate. Raises StartError."""
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        reason = error.strerror or error
        raise StartError(f"the certificate {certificate} with the key {key} cannot be used: {reason}") from error
    return context
