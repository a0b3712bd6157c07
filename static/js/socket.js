// @ts-check
/** The official Socket.IO client, which a classic script before the modules has made global. */

/** @typedef {import("socket.io-client").Socket} Socket */

/**
 * A socket of one namespace, to the server this page came from.
 * @param {string} namespace
 * @param {object} [options]
 * @returns {Socket}
 */
export function connect(namespace, options = {}) {
  const { io } = /** @type {{io: typeof import("socket.io-client").io}} */ (/** @type {unknown} */ (globalThis));
  return io(namespace, { path: "/socket.io", ...options });
}
