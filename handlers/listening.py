"""Where the server listens, and in what it wraps what it hears."""

import socket
import ssl
from pathlib import Path

import tornado.netutil

from realtime.errors import StartError

BACKLOG = 4096  # a class that opens the page at once; 128 lets connections wait for a retry of their system


def listen(host: str, port: int) -> list[socket.socket]:
    """Return the listening sockets. Raises StartError."""
    try:
        sockets = tornado.netutil.bind_sockets(port, host, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartError(f"cannot listen on {host} port {port}: {reason}") from error
    if not sockets:  # Tornado passes over a kind of address that the system does not know
        raise StartError(f"cannot listen on {host} port {port}: this system has no such kind of address")
    return sockets


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
