#!/usr/bin/env bash
# Tornado's get_argument and similar methods replace each control character (except tabs and line ends) with a space, even
# with strip=False, which changes passwords and texts. request.arguments has the original.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tornado==6.6.1
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import json

import tornado
import tornado.netutil
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

print("tornado", tornado.version)


class Handler(RequestHandler):
    def post(self) -> None:
        given = [self.get_query_argument("q", strip=False), self.get_body_argument("q", strip=False)]
        self.finish(json.dumps([*given, self.request.body_arguments["q"][0].decode()]))


async def main() -> None:
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/", Handler)])).add_sockets(sockets)
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/?q=a%01b%00c"
    answer = await AsyncHTTPClient().fetch(url, method="POST", body="q=a%01b%00c")
    seen = json.loads(answer.body)
    print(seen)
    assert seen == ["a b c", "a b c", "a\x01b\x00c"]


asyncio.run(main())
PYTHON
