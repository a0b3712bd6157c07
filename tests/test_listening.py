"""The first bytes of a connection: TLS on the plain port, and plain HTTP on the TLS port."""

import asyncio
import logging
import ssl
from pathlib import Path

import pytest

import composition
from tests.certificate import Certificate, certificate
from tests.client import Site, StartSite, site, start_site

__all__ = ["site", "start_site"]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raise the server's header timeout above the test's time limit, so that it cannot be what closes a connection."""
    monkeypatch.setattr(composition, "HEADER_TIMEOUT_S", 3600.0)


def client_hello() -> bytes:
    """Return the TLS ClientHello of a browser that was given an `https://` address."""
    sent = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="school.local")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


async def answer(site: Site, *pieces: bytes) -> bytes:
    """Send `pieces` one after another and return everything received until the server closes."""
    reader, writer = await site.raw(b"")
    received = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        while more := await reader.read(64 * 1024):
            received += more
    except ConnectionError:  # from bytes that the server did not wait for
        pass
    finally:
        writer.close()
    return received


async def test_tls_on_the_plain_port_is_closed_at_once(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    hello = client_hello()
    for pieces in (
        [hello],
        [hello[:1]],
        [hello[:1], *(bytes((byte,)) for byte in hello[1:])],
        [hello + b"\n\na: b\n\n"],
    ):
        assert await answer(site, *pieces) == b""
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", site.port, ssl=ssl.create_default_context())
    (line,) = [record for record in caplog.records if record.name.startswith(("gifchat", "tornado.general"))]
    assert line.levelno == logging.INFO
    assert line.getMessage().startswith("127.0.0.1 asks for https://")
    assert (await site.program().get("/healthz")).status == 200


@pytest.mark.parametrize("request_line", [b"GET / HTTP/1.1", b"\r\nGET / HTTP/1.1", b"BREW /\x16 HTTP/1.1", b"G"])
async def test_plain_http_is_served_as_usual(site: Site, request_line: bytes) -> None:
    pieces = request_line, b"\r\nHost: here\r\nConnection: close\r\n\r\n"
    assert (await answer(site, *pieces)).startswith(b"HTTP/1.1 ")


@pytest.fixture
def tls(tmp_path: Path) -> Certificate:
    return certificate(tmp_path)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "CONNECT", "BREW"])
async def test_plain_http_on_the_tls_port_is_answered_with_the_https_address(
    start_site: StartSite, tls: Certificate, method: str
) -> None:
    site = await start_site(*tls.options)
    response = await answer(site, f"{method} /room/x HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n\r\nx=y".encode())
    head, _, body = response.decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert f"Content-Length: {len(body.encode())}" in head
    assert "https://" in body
    _, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=tls.trust)
    writer.close()
