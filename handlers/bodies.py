"""Parsing request bodies, forms or JSON, into typed values."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from tornado.httputil import HTTPInputError, parse_body_arguments

from handlers.parts import MEDIA_TYPE, Parts
from realtime.bounds import JsonBounds
from realtime.errors import BadRequest, InvalidRoom
from realtime.unicode import from_json, from_utf8

S = TypeVar("S", bound=msgspec.Struct)

FORM = "application/x-www-form-urlencoded"
MULTIPART = MEDIA_TYPE.decode()
JSON = "application/json"
PARTS = 100
BOUNDS = JsonBounds()
ON = ("on", "true", "1", True)  # 1 == True
OFF = ("off", "false", "0", "", False)


def is_plain(content_type: str) -> bool:
    """Return whether a body of this type has named values but no files."""
    return _media_type(content_type) in (FORM, JSON)


def fields(content_type: str, body: bytes) -> dict[str, object]:
    """Return the named values in `body`: a form's texts (the last of each name), or a JSON object's members.

    An empty body has none. Raises BadRequest when it cannot be parsed.
    """
    if not body:
        return {}
    media_type = _media_type(content_type)
    if media_type == JSON:
        return _json_fields(body)
    try:
        if media_type == FORM:
            return _urlencoded_fields(body)
        if media_type == MULTIPART:
            return _multipart_fields(content_type, body)
    except UnicodeDecodeError as error:
        raise BadRequest from error
    raise BadRequest


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _json_fields(body: bytes) -> dict[str, object]:
    try:
        text = from_utf8(body)
        if BOUNDS.excess(text) is not None:
            raise BadRequest
        return msgspec.convert(from_json(text), dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest from error


def _urlencoded_fields(body: bytes) -> dict[str, object]:
    values: dict[str, list[bytes]] = {}
    try:
        parse_body_arguments(FORM, body, values, {})
    except HTTPInputError as error:
        raise BadRequest from error
    return {name: from_utf8(given[-1]) for name, given in values.items()}


def _multipart_fields(content_type: str, body: bytes) -> dict[str, object]:
    values: dict[str, bytearray] = {}

    def take(name: str, is_file: bool) -> bytearray | None:
        if is_file:
            return None
        values[name] = bytearray()
        return values[name]

    parts = Parts(content_type, take, most=PARTS)
    parts.feed(body)
    parts.end()
    return {name: from_utf8(bytes(given)) for name, given in values.items()}


def text(values: Mapping[str, object], name: str) -> str | None:
    """Return the text `name`, None if it is absent or null. Raises BadRequest if it is anything else."""
    value = values.get(name)
    if value is None or isinstance(value, str):
        return value
    raise BadRequest


def room(values: Mapping[str, object], shape: type[S]) -> S:
    """Convert `values` to `shape`, the struct of a new room or of a change to one. Unknown names are ignored.

    Raises InvalidRoom with the field that is missing or has the wrong type.
    """
    given: dict[str, object] = {}
    for known in msgspec.structs.fields(shape):
        value = values.get(known.name, msgspec.UNSET)
        if value is not msgspec.UNSET and (known.name, value) != ("max", ""):  # an empty number field
            given[known.name] = _room_field(known, value)
        elif known.required:
            raise InvalidRoom(field=known.name)
    return shape(**given)


def _room_field(known: msgspec.structs.FieldInfo, value: object) -> object:
    if known.name == "ephemeral" or (known.name == "kept" and (value in ON or value in OFF)):
        return value in ON
    try:
        # A form's number is text. Texts are converted strictly: otherwise the password "null" would become None.
        return msgspec.convert(value, known.type, strict=known.name != "max")
    except msgspec.ValidationError as error:
        raise InvalidRoom(field=known.name) from error
