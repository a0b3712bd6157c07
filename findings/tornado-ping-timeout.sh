#!/bin/sh
# Tornado's WebSocket client closes with 1000, "normal closure", as if deliberately, when its ping gets no answer.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tornado==6.6.1 websockets==17.4
"$folder/venv/bin/python" - <<'PROGRAM'
import asyncio

import tornado
from tornado.websocket import websocket_connect
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol


async def main():
    closes = asyncio.Queue()

    async def read(reader, writer):
        """Accept, answer no ping, and keep what the close frame says."""
        protocol = ServerProtocol()
        while closes.empty():
            protocol.receive_data(await reader.read(4096))
            for event in protocol.events_received():
                if not isinstance(event, Frame):
                    protocol.send_response(protocol.accept(event))
                    writer.write(b"".join(protocol.data_to_send()))
                elif event.opcode is Opcode.CLOSE:
                    closes.put_nowait((int.from_bytes(event.data[:2], "big"), event.data[2:].decode()))
        writer.close()

    server = await asyncio.start_server(read, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await websocket_connect(f"ws://127.0.0.1:{port}/", ping_interval=0.5, ping_timeout=0.4)
    while closes.empty():
        await asyncio.sleep(0.1)
    close = closes.get_nowait()
    server.close()
    print(f"Tornado {tornado.version}: its ping unanswered, the client closes with {close}")
    assert close == (1000, "ping timed out"), "another code is sent now"


asyncio.run(main())
PROGRAM
