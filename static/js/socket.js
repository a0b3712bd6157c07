/** The page's sockets. They share one connection, except those with `forceNew`. */

import "./client.js";
import { onWake } from "./wake.js";

/**
 * @typedef {import("socket.io-client").Socket} Socket
 * @typedef {Partial<import("socket.io-client").ManagerOptions & import("socket.io-client").SocketOptions>} Options
 */

/**
 * Reconnect soon after the network returns, however long it was gone: an attempt is abandoned after `timeout`, and the
 * next one follows at most 1.5 × `reconnectionDelayMax` later.
 */
const RECONNECTION = { timeout: 10_000, reconnectionDelayMax: 3000 };

/** @type {Socket[]} all without `forceNew` */
const sockets = [];

/**
 * A socket of one namespace, to the server this page came from.
 * @param {string} namespace
 * @param {Options} [options] with `forceNew`, the client keeps its default reconnection
 * @returns {Socket}
 */
export function connect(namespace, options = {}) {
  const { io } = /** @type {{io: typeof import("socket.io-client").io}} */ (/** @type {unknown} */ (globalThis));
  if (options.forceNew) return io(namespace, { path: "/socket.io", ...options });
  const socket = io(namespace, { path: "/socket.io", ...RECONNECTION, ...options });
  sockets.push(socket);
  return socket;
}

/**
 * Let the browser keep the page for "back", which it does with no page that has a connection.
 * @param {Socket} socket
 */
export function closeWhileAway(socket) {
  addEventListener("pagehide", ({ persisted }) => persisted && socket.disconnect());
  addEventListener("pageshow", ({ persisted }) => persisted && socket.connect());
}

onWake(() => {
  if (sockets.some(({ connected }) => connected)) return; // they share one connection
  const lost = sockets.filter(({ active }) => active);
  // Disconnect all before reconnecting any: with the last one, the client abandons its current attempt or its wait for
  // the next. Not the manager's connect(), which disables later reconnection (findings/socketio-client-connect.sh).
  for (const socket of lost) socket.disconnect();
  for (const socket of lost) socket.connect();
});
