"""An upload's body, in pieces of any size."""

import pytest

from handlers.multipart import PARTS, TEXTS, ImageForm, Texts
from realtime.errors import BadRequest, ChatTooLong, DomainError, NoFile
from tests.images import encoded

CONTENT_TYPE = 'multipart/form-data; boundary="a-boundary"'
IMAGE = encoded("GIF") + b"\r\n--a-boundar" + bytes(range(256))  # with most of a boundary in it


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """Return one part of a form."""
    disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
    return b"--a-boundary\r\nContent-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


END = b"--a-boundary--\r\n"
GIF = part("gif", IMAGE, "고양이.gif")
NONCE = part("nonce", b"n-1")
CAPTION = "고양이 😀\n--a-boundar"
CHAT = part("chat", CAPTION.replace("\n", "\r\n").encode())


def read(body: bytes, size: int, content_type: str = CONTENT_TYPE) -> tuple[bytes, Texts]:
    """Return the file and the texts of a body that comes in pieces of `size` bytes."""
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


@pytest.mark.parametrize("body", [END, NONCE + END, part("other", IMAGE, "a.gif") + END, part("gif", b"text") + END])
def test_a_form_without_the_file_has_none(body: bytes) -> None:
    found, texts = read(body, 1000)
    assert (found, texts.has_file) == (b"", False)


def test_a_file_may_be_empty_here() -> None:
    assert read(part("gif", b"", "a.gif") + END, 1000) == (b"", Texts(None, None, None, has_file=True))


def test_an_image_can_be_named_instead() -> None:
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
def test_what_is_no_form_of_parts_has_no_file(content_type: str) -> None:
    with pytest.raises(NoFile):
        ImageForm(content_type)


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 1000}"],
)
def test_a_form_of_parts_says_how_they_are_divided(content_type: str) -> None:
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
def test_anything_else_is_a_bad_request(body: bytes, size: int) -> None:
    with pytest.raises(BadRequest):
        read(body, size)


def test_a_form_cut_short_anywhere_is_never_taken() -> None:
    whole = NONCE + part("gif", b"GIF89a", "a.gif") + END
    taken = []
    for cut in range(len(whole)):
        try:
            read(whole[:cut], 10)
        except DomainError:
            continue
        taken.append(cut - len(whole))
    assert taken == [-2, -1]  # the line end after the last boundary is not needed
