#!/usr/bin/env bash
# socket.io-client buffers `volatile` events while offline until its first reconnection attempt (after 0.5 to 1.5 s), and
# sends them when it is back. Its documentation says that they are not buffered.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4 socket.io-client@4.8.4
cat > program.cjs <<'PROGRAM'
const assert = require("node:assert/strict");
const { Server } = require("socket.io");
const { io } = require("socket.io-client");

const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

async function heard(transports) {
  const server = new Server(0);
  const { port } = server.httpServer.address();
  const said = [];
  const last = new Promise((resolve) => {
    server.on("connection", (socket) => socket.onAny((word) => (said.push(word), word === "last" && resolve())));
  });
  const client = io(`http://127.0.0.1:${port}`, { transports });
  const came = () => new Promise((resolve) => client.once("connect", resolve));
  client.volatile.emit("before the first connection");
  await came();
  await pause(); // a pending POST when the connection is lost would make it "not writable"
  for (const socket of server.sockets.sockets.values()) socket.conn.close(true);
  await new Promise((resolve) => client.once("disconnect", resolve));
  await pause();
  client.volatile.emit("lost");
  client.io.once("reconnect_attempt", () => setImmediate(() => client.volatile.emit("connecting")));
  await came();
  client.emit("last");
  await last;
  client.disconnect();
  await server.close();
  return said;
}

(async () => {
  console.log("socket.io-client", require("socket.io-client/package.json").version);
  for (const transports of [["websocket"], ["polling"]]) {
    const said = await heard(transports);
    console.log(transports.join(), said);
    assert.deepEqual(said, ["lost", "last"]);
  }
})();
PROGRAM
node program.cjs
