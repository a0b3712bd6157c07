#!/usr/bin/env bash
# With `retries` but no `ackTimeout`, socket.io-client takes the value of an acknowledgement for an error and resends the
# acknowledged event: four times in all with three retries.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4 socket.io-client@4.8.4
cat > program.cjs <<'PROGRAM'
const assert = require("node:assert/strict");
const { Server } = require("socket.io");
const { io } = require("socket.io-client");

async function heard(options) {
  const server = new Server(0);
  const { port } = server.httpServer.address();
  const said = [];
  server.on("connection", (socket) =>
    socket.on("say", (word, acknowledge) => {
      said.push(word);
      acknowledge({ ok: true });
    }),
  );
  const client = io(`http://127.0.0.1:${port}`, options);
  const calls = [];
  await new Promise((resolve) => {
    client.emit("say", "once", (...args) => calls.push(args));
    client.emit("say", "last", resolve); // sent after the previous one is finished
  });
  client.disconnect();
  await server.close();
  return [said.filter((word) => word === "once").length, calls];
}

(async () => {
  console.log("socket.io-client", require("socket.io-client/package.json").version);
  const [both, one] = [await heard({ retries: 3, ackTimeout: 10_000 }), await heard({ retries: 3 })];
  console.log("retries 3, ackTimeout: sent", both[0], "time, callback called with", JSON.stringify(both[1]));
  console.log("retries 3 alone:       sent", one[0], "times, callback called with", JSON.stringify(one[1]));
  assert.deepEqual(both, [1, [[null, { ok: true }]]]);
  assert.deepEqual(one, [4, [[{ ok: true }]]]);
})();
PROGRAM
node program.cjs
