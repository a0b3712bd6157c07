#!/usr/bin/env bash
# python-socketio takes Engine.IO's CLOSE, which a held poll is answered with when the reference server stops or gives a
# silent client up, for a wish to be left alone: it never connects again. The official client does. After a WebSocket
# that was closed both do.
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
  setTimeout(() => socket.conn.close(), 500); // as at a stop: the transport alone
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
node server.cjs > told &
pids=$!
trap 'kill $pids 2>/dev/null || true; rm -rf "$folder"' EXIT
until [ -s told ]; do sleep 0.1; done
url=http://127.0.0.1:$(head -1 told)
for transport in polling websocket; do
    node client.cjs "$url" $transport & pids="$pids $!"
    venv/bin/python client.py "$url" $transport & pids="$pids $!"
done
# The others have come back many times when the one that does not would have for the third.
until [ "$(grep -c 'official polling' told)" -ge 10 ] && [ "$(grep -c 'python websocket' told)" -ge 10 ]; do sleep 0.2; done
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^python-(socketio|engineio)'
tail -n +2 told | sort | uniq -c
[ "$(grep -c 'python polling' told)" -eq 1 ]
