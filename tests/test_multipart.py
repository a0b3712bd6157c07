"""Parsing an upload's body in pieces of any size."""

import contextlib
import email.policy
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.multipart import PARTS, TEXTS, ImageForm, Texts
from realtime.errors import BadRequest, ChatTooLong, DomainError, NoFile
from tests.images import encoded

CONTENT_TYPE = 'multipart/form-data; boundary="a-boundary"'
IMAGE = encoded("GIF") + b"\r\n--a-boundar" + bytes(range(256))  # it contains most of a boundary


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """Return one part of a form."""
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return b"--a-boundary\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


END = b"--a-boundary--\r\n"
GIF = part("gif", IMAGE, "고양이.gif")
NONCE = part("nonce", b"n-1")
CAPTION = "고양이 😀\r\n--a-boundar"
CHAT = part("chat", CAPTION.encode())


def read(body: bytes, size: int, content_type: str = CONTENT_TYPE) -> tuple[bytes, Texts]:
    """Return the file and the texts of a body that arrives in pieces of `size` bytes."""
    form = ImageForm(content_type)
    file = b"".join(form.feed(body[at : at + size]) for at in range(0, len(body), size))
    return file, form.end()


@pytest.mark.parametrize("size", [1, 2, 7, 100, 1 << 20])
@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (GIF + END, {}),
        (NONCE + GIF + END, {"nonce": "n-1"}),
        (GIF + NONCE + END, {"nonce": "n-1"}),
        (CHAT + NONCE + GIF + END, {"nonce": "n-1", "chat": CAPTION}),
        (NONCE + GIF + CHAT + END, {"nonce": "n-1", "chat": CAPTION}),
        (part("caption", b"x" * 5000) + GIF + part("other", b"y", "y.gif") + NONCE + END, {"nonce": "n-1"}),
        (NONCE + part("nonce", b"n-2") + GIF + part("gif", b"second", "2.gif") + END, {"nonce": "n-1"}),
        (part("chat", b"") + GIF + part("chat", b"second") + END, {"chat": ""}),
        (GIF + part("name", b"hello.gif") + END, {"name": "hello.gif"}),
        (GIF + END[:-2], {}),
        (GIF + END + b"epilogue", {}),
    ],
    ids=["alone", "nonce first", "nonce last", "caption first", "caption last", "others", "twice", "empty first"]
    + ["name", "no last line end", "epilogue"],
)
def test_the_file_and_the_texts_are_found(body: bytes, texts: dict[str, str], size: int) -> None:
    given = Texts(texts.get("nonce"), texts.get("name"), texts.get("chat"), has_file=True)
    assert read(body, size) == (IMAGE, given)


NAMED = 'Content-Disposition: form-data; name="gif"'

# The headers that programs write for a file part.
HEADS = {
    "Chromium and Firefox": NAMED + '; filename="고양이.gif"\r\nContent-Type: image/gif',
    "urllib3 before 1.25": NAMED + "; filename*=utf-8''%EA%B3%A0.gif",
    "aiohttp": NAMED + "; filename=\"x.gif\"; filename*=utf-8''%EA%B3%A0.gif",
    ".NET": "Content-Type: image/gif\r\n"
    "Content-Disposition: form-data; name=gif; filename=x.gif; filename*=utf-8''x.gif",
    "Dart": 'content-type: image/gif\r\ncontent-disposition: form-data; name="gif"; filename="x.gif"',
    "Apache HttpClient": NAMED + '; filename="x.gif"\r\n'
    "Content-Type: application/octet-stream; charset=ISO-8859-1\r\nContent-Transfer-Encoding: binary",
    "OkHttp and Guzzle": NAMED + '; filename="x.gif"\r\nContent-Length: 7',
    "form-data for Node, of a Buffer": NAMED + "\r\nContent-Type: application/octet-stream",
    "an image without a name": NAMED + "\r\nContent-Type: image/gif",
    "the other way round": 'Content-Disposition: form-data; filename="x.gif"; name="gif"',
    "capitals": 'CONTENT-DISPOSITION: FORM-DATA; NAME="gif"; FILENAME="X.GIF"',
    "no white space": 'Content-Disposition:form-data;name="gif";filename="x.gif"',
    "tabs": 'Content-Disposition:\tform-data;\tname="gif";\tfilename="x.gif" \t',
    "quotes in the name": NAMED + r'; filename="a\"; name=\"x.gif"',
    "a path": NAMED + r'; filename="C:\cats\cat.gif"',
    "in pieces": NAMED + '; filename*0="ca"; filename*1="t.gif"',
    "in pieces with a language": NAMED + "; filename*0*=utf-8'ko'%EA%B3; filename*1*=%A0",
    "a charset that is none": NAMED + "; filename*=klingon''x.gif",
    "no charset": NAMED + "; filename*=x.gif",
    "an empty name": NAMED + '; filename=""',
}


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_file_part_is_recognised_however_its_header_is_written(head: str, size: int) -> None:
    body = b"--a-boundary\r\n" + head.encode() + b"\r\n\r\n" + IMAGE + b"\r\n" + NONCE + END
    assert read(body, size) == (IMAGE, Texts("n-1", None, None, has_file=True))


@pytest.mark.parametrize("size", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize(
    "preamble",
    [
        b"\r\n",
        b"\n",
        b"This is a multi-part message in MIME format.\r\n",
        b"a line\nand another\n",
        b"\r\n--\r\n",
        b'--another\r\nContent-Disposition: form-data; name="gif"; filename="x"\r\n\r\nnot this\r\n',
        b"--a-boundar\r\n",
        b"--a-boundaryless\r\n",
        b"before --a-boundary\r\n",
        b"-" * 1000 + b"\r\n",
        b"\r\n" * 1000,
    ],
)
def test_a_preamble_is_skipped(preamble: bytes, size: int) -> None:
    given = Texts("n-1", None, None, has_file=True)
    assert read(preamble + NONCE + GIF + END, size) == (IMAGE, given)
    assert read(preamble + END, size) == (b"", Texts(None, None, None, has_file=False))


def test_a_preamble_is_not_kept_in_memory() -> None:
    form = ImageForm(CONTENT_TYPE)
    for _ in range(100):
        assert form.feed(b"-" * 100_000) == b""
        assert form._parts._before is not None
        assert len(form._parts._before) < 200
    with pytest.raises(BadRequest):
        form.end()


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_white_space_after_a_boundary_is_ignored(size: int) -> None:
    body = (NONCE + GIF + END).replace(b"--a-boundary\r\n", b"--a-boundary \t \r\n")
    body = body.replace(b"--a-boundary--", b"--a-boundary-- ")
    assert read(body, size) == (IMAGE, Texts("n-1", None, None, has_file=True))


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=a-boundary",
        'Multipart/Form-Data; Boundary="a-boundary"',
        "multipart/form-data;boundary=a-boundary;charset=utf-8",
        'multipart/form-data; charset="utf-8;"; boundary="a-boundary "',
        "multipart/form-data; boundary=a-boundary ",
    ],
)
def test_the_boundary_is_read_from_every_form_of_content_type(content_type: str) -> None:
    assert read(GIF + END, 1000, content_type) == (IMAGE, Texts(None, None, None, has_file=True))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_forms_from_pythons_email_package_are_read(size: int) -> None:
    """Its email package encodes files in base64, and texts that are not ASCII."""
    message = MIMEMultipart("form-data", boundary="a-boundary")
    message.preamble = "This is a multi-part message in MIME format.\n"
    image, text = MIMEImage(IMAGE, "gif"), MIMEText("고양이")
    image.add_header("Content-Disposition", "form-data", name="gif", filename="x.gif")
    text.add_header("Content-Disposition", "form-data", name="chat")
    quoted = MIMEText("n-1")
    quoted.replace_header("Content-Transfer-Encoding", "Quoted-Printable")
    quoted.set_payload("n=2D1")
    quoted.add_header("Content-Disposition", "form-data", name="nonce")
    for part in (image, text, quoted):
        message.attach(part)
    _, _, body = message.as_bytes(policy=email.policy.HTTP).partition(b"\r\n\r\n")
    assert b"base64" in body
    assert read(body, size) == (IMAGE, Texts("n-1", None, "고양이", has_file=True))


def test_invalid_base64_is_a_bad_request() -> None:
    head = b'--a-boundary\r\nContent-Disposition: form-data; name="gif"\r\nContent-Type: image/gif\r\n'
    for content in (b"R0lGOD", b"R0lGODl", b"R0lGODlhA=", b"R0lGODlh="):
        with pytest.raises(BadRequest):
            read(head + b"Content-Transfer-Encoding: base64\r\n\r\n" + content + b"\r\n" + END, 1000)


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        (b"base64", b"bi0x", "n-1"),
        (b"base64", b"bi0=x--YmFk", "n-"),
        (b"base64", b"!b i_0-\r\nxLTI=", "n-1-2"),
        (b"quoted-printable", b"n=\r\n=2d1=", "n-1="),
        (b"quoted-printable", b"==3D=\rn=\n=4g", "===\rn=4g"),
    ],
)
def test_a_transfer_encoding_is_read_alike_wherever_it_is_cut(encoding: bytes, content: bytes, text: str) -> None:
    head = b'--a-boundary\r\nContent-Disposition: form-data; name="nonce"\r\nContent-Transfer-Encoding: '
    body = head + encoding + b"\r\n\r\n" + content + b"\r\n" + END
    for size in (1, 2, 3, 5, 1000):
        assert read(body, size) == (b"", Texts(text, None, None, has_file=False))


@given(st.lists(st.sampled_from([*"=;*'\"%0 1\0\n\xff\\", "gif", "name", "filename", "utf-8", "form-data"])))
def test_no_part_header_raises_an_unexpected_error(pieces: list[str]) -> None:
    head = b"--a-boundary\r\nContent-Disposition: form-data; name=gif;" + "".join(pieces).encode("latin-1")
    with contextlib.suppress(BadRequest):
        read(head + b"\r\n\r\nx\r\n" + END, 1000)


@pytest.mark.parametrize("body", [END, NONCE + END, part("other", IMAGE, "a.gif") + END, part("gif", b"text") + END])
def test_a_form_without_a_file_is_recognised(body: bytes) -> None:
    found, texts = read(body, 1000)
    assert (found, texts.has_file) == (b"", False)


def test_an_empty_file_is_accepted() -> None:
    assert read(part("gif", b"", "a.gif") + END, 1000) == (b"", Texts(None, None, None, has_file=True))


def test_an_image_name_can_take_the_place_of_a_file() -> None:
    assert read(part("name", b"hello.gif") + CHAT + END, 7) == (b"", Texts(None, "hello.gif", CAPTION, has_file=False))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_bounded(name: str) -> None:
    most, error = TEXTS[name]
    found, texts = read(part(name, b"x" * most) + GIF + END, 1000)
    assert (found, getattr(texts, name)) == (IMAGE, "x" * most)
    with pytest.raises(error):
        read(part(name, b"x" * (most + 1)) + GIF + END, 1000)
    assert error is (ChatTooLong if name == "chat" else BadRequest)


@pytest.mark.parametrize("content_type", ["", "application/json", "application/x-www-form-urlencoded", "image/gif"])
def test_a_content_type_other_than_multipart_has_no_file(content_type: str) -> None:
    with pytest.raises(NoFile):
        ImageForm(content_type)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 1000}"],
)
def test_a_multipart_type_without_a_valid_boundary_is_a_bad_request(content_type: str) -> None:
    with pytest.raises(BadRequest):
        ImageForm(content_type)


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    "body",
    [
        b"garbage",
        b"--another\r\n\r\n",
        b"--a-boundary\r\nno colon\r\n\r\n",
        b"--a-boundary\r\n" + b"X: y\r\n" * 100,
        b"--a-boundary\r\nX: " + b"y" * 10_000,
        part("nonce", b"\xff") + GIF + END,
        part("chat", b"\xff") + GIF + END,
        part("x", b"") * (PARTS + 1) + GIF + END,
        GIF,
        GIF + b"--a-bound",
        GIF[: len(GIF) // 2],
        b"",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_malformed_form_is_a_bad_request(body: bytes, size: int) -> None:
    with pytest.raises(BadRequest):
        read(body, size)


def test_a_truncated_form_is_never_accepted() -> None:
    whole = NONCE + part("gif", b"GIF89a", "a.gif") + END
    taken = []
    for cut in range(len(whole)):
        try:
            read(whole[:cut], 10)
        except DomainError:
            continue
        taken.append(cut - len(whole))
    assert taken == [-2, -1]  # the line end after the last boundary is not needed
