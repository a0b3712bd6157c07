/** Filters frames and finds related ones. Pure. */

import { decodeFrame } from "./frames.js";

/**
 * @typedef {import("./frames.js").Decoded} Decoded
 * @typedef {import("./tape.js").Frame} Frame
 *
 * @typedef {object} Filter
 * @property {boolean} up
 * @property {boolean} down
 * @property {boolean} heartbeat
 * @property {string} type a Socket.IO type, `engine` for frames that are not messages, empty for all
 * @property {string} namespace empty for all
 */

/** @param {Decoded} decoded */
export const isHeartbeat = ({ engine, fields }) =>
  (engine === "ping" || engine === "pong") && !fields.some(({ name }) => name === "probe");

/**
 * @param {Frame} frame
 * @param {Decoded} decoded
 * @param {Filter} filter
 */
export function matches({ up }, decoded, filter) {
  if (!(up ? filter.up : filter.down)) return false;
  if (!filter.heartbeat && isHeartbeat(decoded)) return false;
  if (filter.type === "engine" ? decoded.engine === "message" : filter.type && decoded.socket !== filter.type) {
    return false;
  }
  return !filter.namespace || decoded.namespace === filter.namespace;
}

/**
 * The frame that an acknowledgement answers.
 * @param {readonly Frame[]} frames
 * @param {Frame} frame
 * @param {Decoded} decoded
 */
export function answered(frames, frame, { socket, namespace, id }) {
  if (!socket?.endsWith("ACK") || id === undefined) return undefined;
  return frames.findLast((earlier) => {
    if (earlier.number >= frame.number || earlier.connection !== frame.connection || earlier.up === frame.up) return false;
    const { socket, namespace: asked, id: number } = decodeFrame(earlier.raw);
    return socket?.endsWith("EVENT") && asked === namespace && number === id;
  });
}

/**
 * The packet that announced a binary frame, and the frame's index among its attachments, from 1.
 * @param {readonly Frame[]} frames
 * @param {Frame} frame
 * @returns {{frame: Frame, index: number, count: number} | undefined}
 */
export function announced(frames, frame) {
  let index = 0;
  for (const earlier of frames.slice(0, frames.indexOf(frame) + 1).reverse()) {
    if (earlier.connection !== frame.connection || earlier.up !== frame.up) continue;
    const { fields, engine } = decodeFrame(earlier.raw);
    if (fields[0]?.name === "binary") index++;
    else if (engine === "message") {
      const count = Number(fields.find(({ name }) => name === "attachments")?.value ?? 0);
      return index > 0 && index <= count ? { frame: earlier, index, count } : undefined;
    }
  }
  return undefined;
}

const PREVIEW = 200;

/**
 * A frame in one line: the event's name and the rest, truncated.
 * @param {Decoded} decoded
 */
export function gist({ fields, socket, args }) {
  const last = fields.at(-1);
  const event = args && socket?.endsWith("EVENT") ? String(args[0]) : "";
  let rest = "";
  if (args) rest = args.slice(event ? 1 : 0).map((arg) => JSON.stringify(arg)).join(", ");
  else if (last?.name === "binary") rest = `${last.value} B`;
  else if (last && ["handshake", "probe", "payload", "rest"].includes(last.name)) rest = last.text;
  return { event, rest: rest.length > PREVIEW ? `${rest.slice(0, PREVIEW)}…` : rest };
}
