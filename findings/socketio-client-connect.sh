#!/usr/bin/env bash
# socket.io-client reconnects if connect() of its manager is called while it waits to reconnect, but never after the next
# loss.
#
# `manager.connect()` is documented as "connects the manager", and is the way to reconnect immediately, such as when the
# browser fires "online". After the next loss, the client does not reconnect: "reconnecting" is still set since the first
# loss, because only the skipped attempt would have reset it. Workaround: disconnect() all its sockets, then connect() each.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-client@4.8.4

cat > try.cjs <<'JS'
const { Server } = require("socket.io");
const { io } = require("socket.io-client");
const event = (of, name) => new Promise((resolve) => of.once(name, resolve));
const within = (ms, promise) =>
  Promise.race([promise.then(() => true), new Promise((resolve) => setTimeout(resolve, ms, false))]);

/** Whether a client comes back by itself after a second loss, when after the first one it was hurried in this way. */
async function comesBack(hurry) {
  let server = new Server(0);
  await event(server.httpServer, "listening");
  const { port } = server.httpServer.address();
  // The first delay is long, so that only connect() can bring the client back.
  const client = io(`http://127.0.0.1:${port}`, { reconnectionDelay: 2000, randomizationFactor: 0 });
  await event(client, "connect");
  for (const first of [true, false]) {
    const lost = event(client, "disconnect");
    await Promise.all([lost, server.close()]);
    server = new Server(port);
    const back = event(client, "connect");
    if (first) hurry(client);
    if (!(await within(10_000, back))) {
      client.close();
      await server.close();
      return false;
    }
  }
  client.close();
  await server.close();
  return true;
}

(async () => {
  const plain = await comesBack(() => {});
  const manager = await comesBack((client) => client.io.connect());
  const sockets = await comesBack((client) => client.disconnect().connect());
  console.log("socket.io-client", require("socket.io-client/package.json").version, "comes back after the second loss:");
  console.log({ "not hurried": plain, "manager.connect()": manager, "socket.disconnect().connect()": sockets });
  process.exit(plain === true && manager === false && sockets === true ? 0 : 1);
})();
JS
node try.cjs
