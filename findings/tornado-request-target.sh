#!/usr/bin/env bash
# Tornado finds no handler for a request target in absolute form, which servers must accept (RFC 9112, section 3.2.2), and
# its cross_origin_protection treats `Host: school.local:80` as a different origin from `http://school.local`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tornado==6.6.1
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import logging

import tornado
import tornado.netutil
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

print("tornado", tornado.version)
logging.getLogger("tornado").setLevel(logging.ERROR)


class Handler(RequestHandler):
    def get(self) -> None:
        self.finish("ok")

    post = get


async def main() -> None:
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    HTTPServer(Application([("/x", Handler)], cross_origin_protection=True)).add_sockets(sockets)

    async def status(*lines: str) -> int:
        reader, writer = await asyncio.open_connection(*sockets[0].getsockname())
        writer.write("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
        answer = await reader.readline()
        writer.close()
        return int(answer.split()[1])

    origin = "Origin: http://school.local"
    seen = [
        await status("GET /x HTTP/1.1", "Host: school.local"),
        await status("GET http://school.local/x HTTP/1.1", "Host: school.local"),
        await status("POST /x HTTP/1.1", "Host: school.local", origin),
        await status("POST /x HTTP/1.1", "Host: school.local:80", origin),
    ]
    print(seen)
    assert seen == [200, 404, 200, 403]


asyncio.run(main())
PYTHON
