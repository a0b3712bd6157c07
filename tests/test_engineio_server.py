"""Opening sessions, and matching requests to them."""

import pytest

from realtime.engineio.server import (
    BadEngineRequest,
    BadHandshakeMethod,
    CrossOriginRequest,
    Request,
    RequestRefused,
    UnknownSession,
    UnknownTransport,
    UnsupportedVersion,
)
from tests.doubles import RecordingPoll
from tests.sessions import SOMEBODY, World


def _request(
    method: str = "GET",
    transport: str = "polling",
    sid: str = "",
    *,
    version: str = "4",
    websocket: bool = False,
    same_origin: bool = True,
) -> Request:
    return Request(method, transport, sid, version, websocket, same_origin)


@pytest.mark.parametrize(
    ("request_", "error", "code"),
    [
        (_request(transport=""), UnknownTransport, 0),
        (_request(transport="abc"), UnknownTransport, 0),
        (_request(sid="nobody"), UnknownSession, 1),
        (_request("POST"), BadHandshakeMethod, 2),
        (_request("PUT"), BadHandshakeMethod, 2),
        (_request(transport="websocket"), BadEngineRequest, 3),
        (_request(websocket=True), BadEngineRequest, 3),
        (_request(same_origin=False), CrossOriginRequest, 4),
        (_request(transport="websocket", websocket=True, same_origin=False), CrossOriginRequest, 4),
        (_request(version=""), UnsupportedVersion, 5),
        (_request(version="3"), UnsupportedVersion, 5),
    ],
)
def test_bad_handshakes_are_refused_with_their_code(request_: Request, error: type[RequestRefused], code: int) -> None:
    with pytest.raises(error) as caught:
        World().server.check(request_)
    assert caught.value.body() == {"code": code, "message": error.message}
    assert caught.value.status == (403 if error is CrossOriginRequest else 400)


def test_a_session_is_found_by_its_id_if_the_transport_matches() -> None:
    world = World()
    sid = world.session.sid
    assert world.server.check(_request(sid=sid, version="")) is world.session
    assert world.server.check(_request("POST", sid=sid)) is world.session
    assert world.server.check(_request(transport="websocket", sid=sid, websocket=True)) is world.session
    with pytest.raises(CrossOriginRequest):
        world.server.check(_request(sid=sid, same_origin=False))
    world.upgrade()
    with pytest.raises(BadEngineRequest):
        world.server.check(_request(sid=sid))


def test_a_stopped_server_closes_all_sessions_and_opens_none() -> None:
    world = World()
    websocket = world.upgrade()
    second, _ = world.server.open(SOMEBODY)
    poll = RecordingPoll()
    second.poll(poll)
    assert len(world.server) == 2
    world.server.close()
    assert (websocket.closed(), poll.packets) == (True, ["6"])
    assert websocket.take() == []  # no close packet, after which the official client would not reconnect
    assert len(world.server) == 0
    with pytest.raises(BadEngineRequest):
        world.server.check(_request())
