#!/usr/bin/env bash
# python-socketio drops the Cookie header passed to `connect` after its first WebSocket: it reconnects without it. Cookies
# of its `http_session` are kept, but a quoted value is quoted again for a WebSocket.
set -euo pipefail
folder=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "python-socketio[client]==5.18.1" requests==2.34.2
cat > server.cjs <<'PROGRAM'
const { Server } = require("socket.io");
const server = new Server(0);
server.on("connection", (socket) => {
  console.log(socket.handshake.auth.how, socket.handshake.headers.cookie ?? "none");
  socket.conn.once("upgrade", () => setTimeout(() => socket.conn.close(), 100));
  if (socket.conn.transport.name === "websocket") socket.conn.close();
});
console.log(server.httpServer.address().port);
PROGRAM
cat > client.py <<'PROGRAM'
import sys

import requests
import socketio

url, how = sys.argv[1:]
http = requests.Session()
if how != "header":
    http.cookies.set("who", '"me="' if how == "quoted" else "me")
client = socketio.Client(reconnection_delay=0.1, http_session=http)
client.connect(
    url,
    headers={"Cookie": "who=me"} if how == "header" else {},
    transports=["websocket"] if how == "quoted" else ["polling", "websocket"],
    auth={"how": how},
)
client.wait()
PROGRAM
node server.cjs > log &
pids=$!
until [ -s log ]; do sleep 0.1; done
for how in header session quoted; do
    venv/bin/python client.py "http://127.0.0.1:$(head -1 log)" $how &
    pids="$pids $!"
done
for how in header session quoted; do
    until [ "$(grep -c "^$how" log)" -ge 2 ]; do sleep 0.2; done
done
echo "python-socketio 5.18.1"
for how in header session quoted; do grep "^$how" log | head -2; done | tee seen
diff seen - <<'EXPECTED'
header who=me
header none
session who=me
session who=me
quoted who="\"me=\""
quoted who="\"me=\""
EXPECTED
