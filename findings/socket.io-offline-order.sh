#!/usr/bin/env bash
# socket.io-client sends events buffered offline before it calls the "connect" handlers, on every transport, with and
# without retries. So a room joined in such a handler is joined after the buffered messages were sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4 socket.io-client@4.8.4
cat > program.cjs <<'PROGRAM'
const assert = require("node:assert/strict");
const { Server } = require("socket.io");
const { io } = require("socket.io-client");

async function heard(transports, options) {
  const server = new Server(0);
  const { port } = server.httpServer.address();
  const said = [];
  const both = new Promise((resolve) => {
    server.on("connection", (socket) =>
      socket.onAny((event, ...rest) => {
        said.push(event);
        rest.at(-1)?.();
        if (said.length === 2) resolve();
      }),
    );
  });
  const client = io(`http://127.0.0.1:${port}`, { transports, autoConnect: false, ...options });
  client.on("connect", () => client.emit("join"));
  client.emit("say");
  client.connect();
  await both;
  client.disconnect();
  await server.close();
  return said;
}

(async () => {
  console.log("socket.io-client", require("socket.io-client/package.json").version);
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    for (const options of [{}, { retries: 1, ackTimeout: 60_000 }]) {
      const order = await heard(transports, options);
      console.log(transports.join(), JSON.stringify(options), order.join());
      assert.deepEqual(order, ["say", "join"]);
    }
  }
})();
PROGRAM
node program.cjs
