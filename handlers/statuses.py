"""Which HTTP status a domain error has."""

from collections.abc import Mapping

import tornado.web

from realtime import errors

# The one place where a domain error becomes a status.
STATUS: Mapping[type[errors.DomainError], int] = {
    errors.BadRequest: 400,
    errors.InvalidRoom: 400,
    errors.EmptyChat: 400,
    errors.InvalidName: 400,
    errors.NoFile: 400,
    errors.WrongPassword: 403,
    errors.NotAdmitted: 403,
    errors.NotOwner: 403,
    errors.NotYours: 403,
    errors.TooLate: 403,
    errors.Kicked: 403,
    errors.NotAllowed: 403,
    errors.Frozen: 403,
    errors.Muted: 403,
    errors.Banned: 403,
    errors.SeatNeeded: 403,
    errors.Held: 403,
    errors.Forbidden: 403,
    errors.WrongToken: 403,
    errors.NotTeacher: 403,
    errors.NoSuchRoom: 404,
    errors.NotFound: 404,
    errors.NotHere: 404,
    errors.RoomFull: 409,
    errors.NameTaken: 409,
    errors.TooManyKept: 409,
    errors.OtherEpoch: 409,
    errors.TooManyReactions: 409,
    errors.ChatTooLong: 413,
    errors.TooLarge: 413,
    errors.GifTooLarge: 413,
    errors.NotAGif: 415,
    errors.WrongHost: 421,
    errors.TooFast: 429,
    errors.Internal: 500,
    errors.TooManyRooms: 503,
    errors.TooManyLessons: 503,
    errors.Storage: 507,
}

# Errors that Tornado raises itself, as domain errors. An unsupported method stays 405.
TORNADOS: Mapping[int, type[errors.DomainError]] = {
    400: errors.BadRequest,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.BadRequest,
}


def as_domain_error(status: int, raised: object) -> errors.DomainError:
    """Return the domain error for what was raised: a domain error, or Tornado's own with `status`."""
    if isinstance(raised, errors.DomainError):
        return raised
    if isinstance(raised, tornado.web.HTTPError) and status in TORNADOS:
        return TORNADOS[status]()
    return errors.Internal()
