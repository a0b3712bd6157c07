"""A certificate for 127.0.0.1 and the authority that issued it."""

import ssl
from pathlib import Path
from typing import NamedTuple

import trustme


class Certificate(NamedTuple):
    """Three PEM files: the chain, its key, and the authority to trust."""

    chain: Path
    key: Path
    authority: Path

    @property
    def options(self) -> tuple[str, ...]:
        """The command-line options of a server that uses it."""
        return "--tls-cert", str(self.chain), "--tls-key", str(self.key)

    @property
    def trust(self) -> ssl.SSLContext:
        """The TLS context of a client that trusts it."""
        return ssl.create_default_context(cafile=self.authority)


def certificate(folder: Path) -> Certificate:
    """Write a new certificate into `folder`."""
    made = Certificate(folder / "cert.pem", folder / "key.pem", folder / "authority.pem")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(made.key)
    for number, pem in enumerate(issued.cert_chain_pems):
        pem.write_to_path(made.chain, append=number > 0)
    authority.cert_pem.write_to_path(made.authority)
    return made
