/**
 * Puts what a Socket.IO client sends and receives onto a tape, by the events that the client tells about itself
 * (socket.io/docs/v4/client-socket-instance, "engine"): `packet` comes in, `packetCreate` is made and goes out with
 * the next `flush`. The packets of the upgrade, `2probe` `3probe` `5`, are told only by `upgrading` and `upgrade`.
 */

import { ENGINE_TYPES } from "./frames.js";

/**
 * @typedef {import("./tape.js").Tape} Tape
 * @typedef {import("../socket.js").Socket} Socket
 * @typedef {{type: string, data?: any}} Packet
 */

/** What has been tapped already: several namespaces share one connection. */
const tapped = new WeakSet();
let connections = 0;

/**
 * @param {Socket} socket just made, so that nothing has come yet
 * @param {Tape} tape
 */
export function tap(socket, tape) {
  const manager = socket.io;
  if (tapped.has(manager)) return;
  tapped.add(manager);
  const listen = () => listenTo(manager.engine, tape);
  listen();
  // The new connection is made right after the first of these is told; one made otherwise is known when it is open.
  manager.on("reconnect_attempt", () => queueMicrotask(listen));
  manager.on("open", listen);
}

/**
 * @param {import("socket.io-client").Socket["io"]["engine"] | undefined} engine
 * @param {Tape} tape
 */
function listenTo(engine, tape) {
  if (!engine || tapped.has(engine)) return;
  tapped.add(engine);
  const connection = ++connections;

  /** @param {boolean} up @param {Packet} packet @param {object} [more] */
  const record = (up, packet, more) => {
    const transport = engine.transport.name;
    tape.record({ at: Date.now(), up, raw: encoded(packet), transport, connection, ...more });
  };

  /** @type {Packet[]} made and not yet sent */
  let waiting = [];
  engine.on("packetCreate", (/** @type {Packet} */ packet) => waiting.push(packet));
  engine.on("flush", () => {
    const sent = waiting;
    waiting = [];
    for (const packet of sent) record(true, packet);
  });
  engine.on("packet", (/** @type {Packet} */ packet) => record(false, packet));
  engine.on("upgrading", (/** @type {{name: string}} */ { name: transport }) => {
    record(true, { type: "ping", data: "probe" }, { transport, earlier: true });
    record(false, { type: "pong", data: "probe" }, { transport });
  });
  engine.on("upgrade", () => record(true, { type: "upgrade" }));
}

/**
 * A packet as Engine.IO sends it; of a binary one, how many bytes it has.
 * @param {Packet} packet
 */
function encoded({ type, data }) {
  if (data !== undefined && typeof data !== "string") return Number(data.byteLength ?? data.size);
  const number = ENGINE_TYPES.indexOf(type);
  return `${number < 0 ? "?" : number}${data ?? ""}`; // "?": what the client itself could not read
}
