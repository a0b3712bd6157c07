/** The official Socket.IO client, which a classic script before the modules has made global. */

import { onWake } from "./wake.js";

/**
 * @typedef {import("socket.io-client").Socket} Socket
 * @typedef {Partial<import("socket.io-client").ManagerOptions & import("socket.io-client").SocketOptions>} Options
 */

/**
 * However long there was no network, a page is back soon after there is: an attempt into nothing is given up after
 * `timeout`, and the next one follows at most one and a half times `reconnectionDelayMax` later.
 */
const BACK_SOON = { timeout: 10_000, reconnectionDelayMax: 3000 };

/** @type {Socket[]} the page's own */
const sockets = [];

/**
 * A socket of one namespace, to the server this page came from.
 * @param {string} namespace
 * @param {Options} [options] with `forceNew`, the client behaves as it does by itself
 * @returns {Socket}
 */
export function connect(namespace, options = {}) {
  const { io } = /** @type {{io: typeof import("socket.io-client").io}} */ (/** @type {unknown} */ (globalThis));
  if (options.forceNew) return io(namespace, { path: "/socket.io", ...options });
  const socket = io(namespace, { path: "/socket.io", ...BACK_SOON, ...options });
  sockets.push(socket);
  return socket;
}

onWake(() => {
  if (sockets.some(({ connected }) => connected)) return; // they share one connection
  const lost = sockets.filter(({ active }) => active);
  // All of them first: with the last one, the client gives up its present attempt, or the wait for its next. Not their
  // manager's connect(), after which the next loss would be for good (findings/socketio-client-connect.sh).
  for (const socket of lost) socket.disconnect();
  for (const socket of lost) socket.connect();
});
