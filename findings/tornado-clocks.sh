#!/usr/bin/env bash
# Tornado clears a cookie with an expiry date one year ago by the server's clock: if the clock is further ahead than that,
# the browser keeps the cookie. And a value signed by a clock that is ahead does not expire by max_age_days until then.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tornado==6.6.1 requests==2.34.2
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import datetime
import logging
import time

import requests
import tornado
import tornado.netutil
import tornado.web
from tornado.httpserver import HTTPServer

print("tornado", tornado.version)
logging.getLogger("tornado").setLevel(logging.ERROR)
ahead = datetime.timedelta(0)


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.now(tz) + ahead


class Clocks:
    datetime, timedelta, UTC = Clock, datetime.timedelta, datetime.timezone.utc


tornado.web.datetime = Clocks  # the server's clock, as far as set_cookie and clear_cookie look at it


class Handler(tornado.web.RequestHandler):
    def get(self) -> None:
        self.set_cookie("session", "1", expires_days=30)

    def post(self) -> None:
        self.clear_cookie("session")


def client(url: str) -> list[str]:
    global ahead
    kept = []
    for years in (0, 3):
        ahead = datetime.timedelta(days=365 * years)
        with requests.Session() as session:
            session.get(url)
            answer = session.post(url)
            kept.append(session.cookies.get("session", None))
        print(f"the server's clock {years} years ahead: {answer.headers['Set-Cookie']}")
    return kept


async def main() -> None:
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    HTTPServer(tornado.web.Application([("/", Handler)])).add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
    kept = await asyncio.get_running_loop().run_in_executor(None, client, url)
    print("the cookie after clear_cookie:", kept)
    assert kept[0] is None and kept[1] is not None


asyncio.run(main())

year_s = 365 * 24 * 3600
signed = tornado.web.create_signed_value("key", "name", "value", clock=lambda: time.time() + 10 * year_s)
for later in (0, 9):
    then = time.time() + later * year_s
    value = tornado.web.decode_signed_value("key", "name", signed, max_age_days=1, clock=lambda: then)
    print(f"signed by a clock ten years ahead, {later} years later, at most a day old:", value)
    assert value == b"value"
PYTHON
