/**
 * Decodes an Engine.IO frame field by field. Pure.
 *
 * Engine.IO protocol 4: a packet is a one-digit type followed by data; a binary message is the bare bytes, or with
 * long polling `b` and their base64. Socket.IO protocol 5, inside an Engine.IO message:
 *
 *     <packet type>[<number of attachments>-][<namespace>,][<acknowledgement id>][JSON payload]
 *
 * https://github.com/socketio/engine.io-protocol and https://github.com/socketio/socket.io-protocol
 */

import { ENGINE_TYPES } from "./engine_types.js";

const SOCKET_TYPES = ["CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"];

/** Events that clients and servers emit themselves and that may not be sent. */
const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/**
 * @typedef {"engine" | "probe" | "handshake" | "socket" | "attachments" | "namespace" | "ack" | "event" | "argument"
 *   | "payload" | "binary" | "mark" | "rest"} FieldName `mark`: brackets and commas; `rest`: the unreadable part
 *
 * @typedef {object} Field
 * @property {FieldName} name
 * @property {string} text its part of the frame; all fields' texts together are the frame. Empty if it is omitted and
 *   `value` is the protocol's default
 * @property {unknown} value its meaning: a type's name, a number, the decoded JSON
 *
 * @typedef {"empty" | "engine_type" | "engine_data" | "socket_type" | "attachments" | "json" | "connect" | "disconnect"
 *   | "error_payload" | "event" | "reserved" | "ack"} Trouble how it breaks the protocol
 *
 * @typedef {object} Decoded
 * @property {Field[]} fields
 * @property {Trouble} [trouble] of the field `rest`, or of the whole frame
 * @property {string} [engine] the Engine.IO type
 * @property {string} [socket] the Socket.IO type
 * @property {string} [namespace]
 * @property {number} [id] of the acknowledgement
 * @property {unknown[]} [args] of an event, its name first, or of an acknowledgement
 */

/**
 * @param {string | number} raw the frame, or the number of bytes of a binary one
 * @returns {Decoded}
 */
export function decodeFrame(raw) {
  if (typeof raw === "number") return { engine: "message", fields: [{ name: "binary", text: "", value: raw }] };
  if (raw === "") return { fields: [], trouble: "empty" };
  if (raw.startsWith("b")) {
    return { engine: "message", fields: [{ name: "binary", text: raw, value: base64Bytes(raw.slice(1)) }] };
  }
  const engine = ENGINE_TYPES[raw.charCodeAt(0) - 48];
  if (engine === undefined) return unreadable([], raw, "engine_type");
  /** @type {Field[]} */
  const fields = [{ name: "engine", text: raw[0], value: engine }];
  const data = raw.slice(1);
  if (engine === "message") {
    const { fields: inner, ...rest } = decodePacket(data);
    return { engine, ...rest, fields: [...fields, ...inner] };
  }
  return { engine, ...engineData(engine, data, fields) };
}

/**
 * Decode a Socket.IO packet, as contained in an Engine.IO message.
 * @param {string} text
 * @returns {Decoded}
 */
export function decodePacket(text) {
  /** @type {Field[]} */
  const fields = [];
  if (text === "") return { fields, trouble: "empty" };
  const socket = SOCKET_TYPES[text.charCodeAt(0) - 48];
  if (socket === undefined) return unreadable(fields, text, "socket_type");
  fields.push({ name: "socket", text: text[0], value: socket });
  let rest = text.slice(1);

  if (socket.startsWith("BINARY_")) {
    const [found, count] = /^([1-9]\d*)-/.exec(rest) ?? [];
    if (found === undefined) return { socket, ...unreadable(fields, rest, "attachments") };
    fields.push({ name: "attachments", text: found, value: Number(count) });
    rest = rest.slice(found.length);
  }

  // Only the main namespace, `/`, may be omitted.
  const [named = ""] = /^\/[^,]*,?/.exec(rest) ?? [];
  const namespace = named.replace(",", "") || "/";
  fields.push({ name: "namespace", text: named, value: namespace });
  rest = rest.slice(named.length);

  const [digits = ""] = /^\d+/.exec(rest) ?? [];
  const id = digits ? Number(digits) : undefined;
  if (digits) fields.push({ name: "ack", text: digits, value: id });
  rest = rest.slice(digits.length);

  return { socket, namespace, id, ...payload(socket, rest, fields) };
}

/**
 * The packets in the body of one long-polling request.
 * @param {string} body
 */
export const packetsOf = (body) => body.split("\x1e");

/**
 * @param {string} engine
 * @param {string} data
 * @param {Field[]} fields
 * @returns {Decoded}
 */
function engineData(engine, data, fields) {
  if (data === "") return engine === "open" ? { fields, trouble: "engine_data" } : { fields };
  if (engine === "open") {
    const value = parsed(data);
    if (!isObject(value)) return unreadable(fields, data, "engine_data");
    return { fields: [...fields, { name: "handshake", text: data, value }] };
  }
  if ((engine === "ping" || engine === "pong") && data === "probe") {
    return { fields: [...fields, { name: "probe", text: data, value: data }] };
  }
  return unreadable(fields, data, "engine_data");
}

/**
 * @param {string} socket
 * @param {string} text
 * @param {Field[]} fields
 * @returns {Decoded}
 */
function payload(socket, text, fields) {
  const value = text === "" ? undefined : parsed(text);
  if (text !== "" && value === undefined) return unreadable(fields, text, "json");
  const wrong = misfit(socket, value);
  if (wrong !== undefined) return unreadable(fields, text, wrong);
  if (value === undefined) return { fields };
  if (!Array.isArray(value)) return { fields: [...fields, { name: "payload", text, value }] };
  const named = socket === "EVENT" || socket === "BINARY_EVENT";
  let index = 0;
  for (const piece of pieces(text)) {
    const isValue = piece.value;
    /** @type {FieldName} */
    const name = !isValue ? "mark" : named && index === 0 ? "event" : "argument";
    fields.push({ name, text: piece.text, value: isValue ? value[index] : piece.text });
    if (isValue) index++;
  }
  return { fields, args: value };
}

/**
 * Check whether a payload is valid for the packet type.
 * @param {string} socket
 * @param {unknown} value undefined: no payload
 * @returns {Trouble | undefined}
 */
function misfit(socket, value) {
  switch (socket) {
    case "CONNECT":
      return value === undefined || isObject(value) ? undefined : "connect";
    case "DISCONNECT":
      return value === undefined ? undefined : "disconnect";
    case "CONNECT_ERROR":
      return typeof value === "string" || isObject(value) ? undefined : "error_payload";
    case "ACK":
    case "BINARY_ACK":
      return Array.isArray(value) ? undefined : "ack";
    default: {
      const [event] = Array.isArray(value) ? value : [];
      if (typeof event !== "string" && typeof event !== "number") return "event";
      return RESERVED.includes(String(event)) ? "reserved" : undefined;
    }
  }
}

/**
 * Split the text of a JSON array into its values and the text between them.
 * @param {string} text valid JSON
 * @returns {{text: string, value: boolean}[]}
 */
function pieces(text) {
  /** @type {{text: string, value: boolean}[]} */
  const cut = [];
  let depth = 0;
  let start = 0;
  const cutAt = (/** @type {number} */ end, /** @type {boolean} */ value) => {
    if (end > start) cut.push({ text: text.slice(start, end), value: value && text.slice(start, end).trim() !== "" });
    start = end;
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') at = endOfString(text, at);
    else if (sign === "[" || sign === "{") {
      if (++depth === 1) cutAt(at + 1, false);
    } else if (sign === "]" || sign === "}") {
      if (--depth === 0) cutAt(at, true);
    } else if (sign === "," && depth === 1) {
      cutAt(at, true);
      cutAt(at + 1, false);
    }
  }
  cutAt(text.length, false);
  return cut;
}

/**
 * @param {string} text
 * @param {number} at the index of the string's opening quote
 */
function endOfString(text, at) {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === '"') return end;
  }
  return text.length;
}

/**
 * @param {Field[]} fields
 * @param {string} rest
 * @param {Trouble} trouble
 * @returns {Decoded}
 */
function unreadable(fields, rest, trouble) {
  return { fields: rest ? [...fields, { name: "rest", text: rest, value: rest }] : fields, trouble };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {string} text */
const base64Bytes = (text) => Math.floor((text.replace(/=+$/, "").length * 3) / 4);
