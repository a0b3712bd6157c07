/**
 * A passage: something sent between this browser and the server in a lesson, with its sizes. Pure.
 *
 * @typedef {object} LessonEvent part of an EVENT of docs/protocol.md
 * @property {number} [age_ms] how long it had waited on the server when it was sent, if known
 *
 * @typedef {object} Passage
 * @property {number} at milliseconds of `performance.now()`
 * @property {boolean} up from the browser to the server
 * @property {"request" | "answer" | "message"} what `answer`: to a request, `message`: anything over an open
 *   connection
 * @property {string} text for people
 * @property {number | null} head bytes around the content: HTTP's head, WebSocket's frame header; null: not known yet
 * @property {boolean} [estimated] whether `head` is estimated
 * @property {number} body bytes of content
 * @property {LessonEvent[]} events that came with it
 * @property {boolean} [said] it is a message from the browser
 * @property {number} [held_ms] of a request, how long the server may hold back its answer
 * @property {number} [since] of an answer, when its request was sent
 */

const encoder = new TextEncoder();

/** @param {string} text */
export const byteLength = (text) => encoder.encode(text).length;

/**
 * The bytes around the data of one server-sent event: its lines, and the chunk they are sent in (RFC 9112, 7.1).
 * @param {string} id
 * @param {string} data of one line
 */
export function eventStreamFraming(id, data) {
  const lines = byteLength(`id: ${id}\ndata: \n\n`);
  return lines + (lines + byteLength(data)).toString(16).length + 2 * "\r\n".length;
}

/**
 * @param {number} bytes
 * @param {string} lang
 * @param {number} [thousands] from this many bytes on, in kB
 */
export function bytesText(bytes, lang, thousands = 10_000) {
  const [amount, unit] =
    bytes < thousands ? [bytes, "B"] : bytes < 10_000_000 ? [bytes / 1000, "kB"] : [bytes / 1e6, "MB"];
  const digits = unit === "B" || amount >= 100 ? 0 : 1;
  return `${amount.toLocaleString(lang, { maximumFractionDigits: digits })} ${unit}`;
}
