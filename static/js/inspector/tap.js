/**
 * Records what a Socket.IO client sends and receives on a tape, using the events of its engine
 * (socket.io/docs/v4/client-socket-instance, "engine"): `packet` is received; `packetCreate` is created, and sent with
 * the next `flush`. The packets of the upgrade, `2probe` `3probe` `5`, are reported only as `upgrading` and `upgrade`.
 */

import { ENGINE_TYPES } from "./engine_types.js";

/**
 * @typedef {import("./tape.js").Tape} Tape
 * @typedef {import("../socket.js").Socket} Socket
 * @typedef {{type: string, data?: any}} Packet
 */

/** The managers and engines that have been tapped: several namespaces share one connection. */
const tapped = new WeakSet();
let connections = 0;

/**
 * @param {Socket} socket just created, so that nothing has been received yet
 * @param {Tape} tape
 */
export function tap(socket, tape) {
  const manager = socket.io;
  if (tapped.has(manager)) return;
  tapped.add(manager);
  const listen = () => listenTo(manager.engine, tape);
  listen();
  // A reconnection's engine is created right after "reconnect_attempt"; any other is tapped when it is open.
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

  /** @type {Packet[]} created and not yet sent */
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
 * A packet as Engine.IO sends it, or the number of bytes of a binary one.
 * @param {Packet} packet
 */
function encoded({ type, data }) {
  if (data !== undefined && typeof data !== "string") return Number(data.byteLength ?? data.size);
  const number = ENGINE_TYPES.indexOf(type);
  return `${number < 0 ? "?" : number}${data ?? ""}`; // "?": the client could not parse it
}
