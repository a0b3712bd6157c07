/**
 * Records the last frames of this tab, in order and in bounded memory. Readers decode them.
 *
 * @typedef {object} Frame
 * @property {number} number counts up from 1, over all connections
 * @property {number} at milliseconds since 1970
 * @property {boolean} up from the browser to the server
 * @property {string | number} raw the frame as sent, or only the number of bytes of a binary one
 * @property {number} size bytes on the wire, without HTTP's or WebSocket's headers
 * @property {string} transport "polling" or "websocket"
 * @property {number} connection numbered from 1
 * @property {boolean} [earlier] it was sent shortly before `at`; the client does not report when
 */

const FRAMES = 500;
const CHARACTERS = 2_000_000;

/** Longer frames are truncated: the beginning says what they are. */
const FRAME_CHARACTERS = 100_000;

const encoder = new TextEncoder();

export class Tape {
  #most;
  #characters = 0;
  #number = 0;
  /** @type {Frame[]} */
  #frames = [];

  /** @type {Set<(frame: Frame) => void>} */
  #listeners = new Set();

  /** @param {number} [most] how many frames are kept */
  constructor(most = FRAMES) {
    this.#most = most;
  }

  /** The recorded frames, oldest first. */
  get frames() {
    return /** @type {readonly Frame[]} */ (this.#frames);
  }

  /** @param {Omit<Frame, "number" | "size">} frame */
  record(frame) {
    const { raw } = frame;
    const size = typeof raw === "string" ? encoder.encode(raw).length : binarySize(raw, frame.transport);
    const kept = typeof raw === "string" && raw.length > FRAME_CHARACTERS ? raw.slice(0, FRAME_CHARACTERS) : raw;
    const recorded = { ...frame, raw: kept, size, number: ++this.#number };
    this.#frames.push(recorded);
    this.#characters += lengthOf(recorded);
    while (this.#frames.length > this.#most || this.#characters > CHARACTERS) {
      this.#characters -= lengthOf(/** @type {Frame} */ (this.#frames.shift()));
    }
    for (const listener of this.#listeners) listener(recorded);
  }

  /**
   * Call the listener for each new frame.
   * @param {(frame: Frame) => void} listener
   * @returns {() => void} removes the listener
   */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear() {
    this.#frames = [];
    this.#characters = 0;
  }
}

/**
 * Long polling carries only text: `b` and base64, four characters for three bytes.
 * @param {number} bytes
 * @param {string} transport
 */
const binarySize = (bytes, transport) => (transport === "polling" ? 1 + 4 * Math.ceil(bytes / 3) : bytes);

/** @param {Frame} frame */
const lengthOf = ({ raw }) => (typeof raw === "string" ? raw.length : 0);
