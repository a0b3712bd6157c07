#!/usr/bin/env bash
# python-socketio never reconnects after Engine.IO's CLOSE, which the reference server sends to a held poll when it stops or
# drops a silent client. The official client does reconnect. After a closed WebSocket, both do.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4 socket.io-client@4.8.4
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "python-socketio[client]==5.18.1"
cat > server.cjs <<'PROGRAM'
const { Server } = require("socket.io");
const server = new Server(0);
server.on("connection", (socket) => {
  const { who, transport } = socket.handshake.auth;
  console.log(who, transport);
  setTimeout(() => socket.conn.close(), 500); // as when the server stops: only the transport
});
console.log(server.httpServer.address().port);
PROGRAM
cat > client.cjs <<'PROGRAM'
const { io } = require("socket.io-client");
const [url, transport] = process.argv.slice(2);
io(url, { transports: [transport], reconnectionDelay: 100, auth: { who: "official", transport } });
PROGRAM
cat > client.py <<'PROGRAM'
import sys

import socketio

url, transport = sys.argv[1:]
client = socketio.Client(reconnection_delay=0.1)
client.connect(url, transports=[transport], auth={"who": "python", "transport": transport})
client.wait()
PROGRAM
node server.cjs > log &
pids=$!
trap 'kill $pids 2>/dev/null || true; rm -rf "$folder"' EXIT
until [ -s log ]; do sleep 0.1; done
url=http://127.0.0.1:$(head -1 log)
for transport in polling websocket; do
    node client.cjs "$url" $transport & pids="$pids $!"
    venv/bin/python client.py "$url" $transport & pids="$pids $!"
done
# By then the others have reconnected several times.
until [ "$(grep -c 'official polling' log)" -ge 10 ] && [ "$(grep -c 'python websocket' log)" -ge 10 ]; do sleep 0.2; done
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^python-(socketio|engineio)'
tail -n +2 log | sort | uniq -c
[ "$(grep -c 'python polling' log)" -eq 1 ]
