#!/usr/bin/env bash
# The reference server rejects an Engine.IO 3 WebSocket after accepting it: the client gets 101 and then an HTTP response
# where it expects frames, so it only sees a broken connection.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund socket.io@4.8.4
cat > program.cjs <<'PROGRAM'
const assert = require("node:assert/strict");
const net = require("node:net");
const { Server } = require("socket.io");

const server = new Server(0);
const socket = net.connect(server.httpServer.address().port, "127.0.0.1");
socket.write(
  [
    "GET /socket.io/?EIO=3&transport=websocket HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "\r\n",
  ].join("\r\n"),
);
let answer = "";
socket.on("data", (data) => (answer += data));
socket.on("close", () => {
  console.log("socket.io", require("socket.io/package.json").version);
  console.log(answer);
  server.close();
  assert.deepEqual(answer.match(/HTTP\/1.1 \d+/g), ["HTTP/1.1 101", "HTTP/1.1 400"]);
});
PROGRAM
node program.cjs
