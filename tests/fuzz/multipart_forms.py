"""Multipart forms: read in any pieces, they are the same file and texts; nothing but DomainError is raised."""

import contextlib
from collections.abc import Iterable

from handlers.bodies import fields
from handlers.multipart import TEXTS, ImageForm, Texts
from realtime.errors import DomainError
from tests.fuzz.pieces import pieces, planned, stream_of

TYPE = "multipart/form-data; boundary=xYz"
HEAD = b"Content-Disposition: form-data; name="


def _form(*parts: bytes, preamble: bytes = b"") -> bytes:
    return preamble + b"".join(b"--xYz\r\n" + part + b"\r\n" for part in parts) + b"--xYz--\r\n"


SEEDS = tuple(
    planned(stream)
    for stream in (
        _form(HEAD + b'"nonce"\r\n\r\nn-1', HEAD + b'"gif"; filename="cat.gif"\r\n\r\nGIF89a'),
        _form(
            HEAD + b'"gif"\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\nRw0=',
            HEAD + b'"chat"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=EA=B0=80',
            preamble=b"preamble\r\n",
        ),
        _form(b"content-disposition: form-data; name*=utf-8''gif; filename*=utf-8''%ea%b0%80\r\n\r\nx"),
        _form(HEAD + b'"re"\r\n\r\n0', HEAD + b'"name"\r\n\r\n--xY', HEAD + b'"gif"; filename=a\r\n\r\n\r\n--xY\r\n'),
    )
)


def check(data: bytes) -> None:
    """Read a form at once, in pieces, and as the body of a request that has no file."""
    whole = _read([stream_of(data)])
    assert _read(pieces(data)) == whole
    with contextlib.suppress(DomainError):
        fields(TYPE, stream_of(data))


def _read(arriving: Iterable[bytes]) -> tuple[bytes, Texts] | None:
    form, file = ImageForm(TYPE), b""
    try:
        for data in arriving:
            file += form.feed(data)
        texts = form.end()
    except DomainError:
        return None
    assert not file or texts.has_file
    for name, (most, _) in TEXTS.items():
        assert len((getattr(texts, name) or "").encode()) <= 3 * most  # U+FFFD for each byte of a broken text
    return file, texts
