"""Forms and JSON, parsed into the service's arguments."""

import pytest

from handlers import bodies
from realtime.chat.policy import RoomForm, RoomPatch
from realtime.errors import BadRequest, InvalidRoom

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, '{"title": "방", "max": "3"}'.encode()),
        ("Application/JSON; charset=utf-8", '{"title": "방", "max": "3"}'.encode()),
        (FORM, b"title=%EB%B0%A9&max=3"),
        (FORM + "; charset=UTF-8", b"title=x&max=9&title=%EB%B0%A9&max=3"),
        (
            MULTIPART,
            '--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n방\r\n'
            '--x\r\nContent-Disposition: form-data; name="max"\r\n\r\n3\r\n--x--\r\n'.encode(),
        ),
        (
            MULTIPART,
            "a preamble\r\n--x \r\ncontent-disposition: form-data; name=title\r\n\r\n방\r\n"
            '--x\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name="max"\r\n\r\n3\r\n'
            "--x\r\nContent-Disposition: form-data; name=\"max\"; filename*=utf-8''x\r\n\r\n\xff\r\n--x--\r\n".encode(),
        ),
    ],
)
def test_forms_and_json_are_read_alike(content_type: str, body: bytes) -> None:
    assert bodies.fields(content_type, body) == {"title": "방", "max": "3"}


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, "text/plain", ""])
def test_an_empty_body_has_no_fields(content_type: str) -> None:
    assert bodies.fields(content_type, b"") == {}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b'{"chat": "x"'),
        (JSON, b"[]"),
        (JSON, b'"chat"'),
        (JSON, b"null"),
        (JSON, b"\xff"),
        (JSON, b'{"chat": "\xff"}'),
        (JSON, b'{"chat": "\\ud800"'),
        (JSON, b'{"chat": NaN}'),
        (JSON, b'{"a":' * 50_000),
        (FORM, b"chat=%ff"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(2000))),
        ("multipart/form-data", b"--x--"),
        (MULTIPART, b"nothing of the kind"),
        (JSON, b'{"chat": [' + b"[]," * 100 + b"0]}"),
        (JSON, b'{"chat": "hello", "more": ' + b"[" * 16 + b"]" * 16 + b"}"),
        ("text/plain", b"chat=hello"),
        ("", b"chat=hello"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_body_that_cannot_be_read_is_a_bad_request(content_type: str, body: bytes) -> None:
    with pytest.raises(BadRequest):
        bodies.fields(content_type, body)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b'{"chat": "\\ud83dx\\uDE00 \\ud83d\\ude00"}'),
        (JSON, b'{"chat": "\xed\xa0\xbdx\xed\xb8\x80 \xed\xa0\xbd\xed\xb8\x80"}'),
        (FORM, b"chat=%ED%A0%BDx%ED%B8%80+%ED%A0%BD%ED%B8%80"),
        (
            MULTIPART,
            b'--x\r\nContent-Disposition: form-data; name="chat"\r\n\r\n\xed\xa0\xbdx\xed\xb8\x80 '
            b"\xed\xa0\xbd\xed\xb8\x80\r\n--x--\r\n",
        ),
    ],
)
def test_a_lone_surrogate_becomes_a_replacement_character(content_type: str, body: bytes) -> None:
    assert bodies.fields(content_type, body) == {"chat": "\ufffdx\ufffd 😀"}


def test_a_text_field_is_a_string_or_absent() -> None:
    assert bodies.text({"chat": "안녕"}, "chat") == "안녕"
    assert bodies.text({"chat": None}, "chat") is None
    assert bodies.text({}, "chat") is None
    for value in (5, True, ["x"], {"x": "y"}):
        with pytest.raises(BadRequest):
            bodies.text({"chat": value}, "chat")


def test_numbers_in_a_room_form_are_converted() -> None:
    values: dict[str, object] = {"title": "방", "max": "20", "password": "p", "ephemeral": "on", "button": "make"}
    assert bodies.room(values, RoomForm) == RoomForm("방", 20, "p", True)


def test_a_room_from_json_is_taken_unchanged() -> None:
    assert bodies.room({"title": "방", "max": 20, "password": None, "ephemeral": False}, RoomForm) == RoomForm("방", 20)


@pytest.mark.parametrize("values", [{}, {"max": ""}])
def test_an_empty_number_in_a_form_means_the_default(values: dict[str, object]) -> None:
    assert bodies.room({"title": "방", **values}, RoomForm) == RoomForm("방", 10)


@pytest.mark.parametrize(
    ("value", "on"),
    [("on", True), ("true", True), ("1", True), (True, True), (1, True)]
    + [("off", False), ("false", False), ("0", False), ("", False), (False, False), (None, False), ([], False)],
)
def test_ephemeral_accepts_three_values_for_on(value: object, on: bool) -> None:
    assert bodies.room({"title": "방", "ephemeral": value}, RoomForm).ephemeral is on


@pytest.mark.parametrize("password", ["null", "true", "1", "0"])
def test_a_password_is_not_converted(password: str) -> None:
    assert bodies.room({"title": "방", "password": password}, RoomForm).password == password


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", None),
        ("title", ["방"]),
        ("max", "ten"),
        ("max", "2.5"),
        ("max", " 10"),
        ("max", "٣"),
        ("max", None),
        ("max", True),
        ("max", [10]),
        ("max", "9" * 5000),
        ("max", 1e30),
        ("password", 1234),
        ("password", {"$ne": ""}),
    ],
)
def test_a_wrong_type_names_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidRoom) as raised:
        bodies.room({"title": "방", field: value}, RoomForm)
    assert raised.value.detail == {"field": field}


def test_a_room_without_a_title_is_invalid() -> None:
    with pytest.raises(InvalidRoom) as raised:
        bodies.room({"max": "10"}, RoomForm)
    assert raised.value.detail == {"field": "title"}


def test_a_patch_distinguishes_absent_from_null() -> None:
    assert bodies.room({}, RoomPatch) == RoomPatch()
    assert bodies.room({"password": None}, RoomPatch) == RoomPatch(password=None)
    assert bodies.room({"title": "새 방", "max": "3"}, RoomPatch) == RoomPatch(title="새 방", max=3)
