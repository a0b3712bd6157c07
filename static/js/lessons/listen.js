/** Server-sent events and WebSocket: the connection stays open, and the server sends. */

import { frameHeaderSize } from "../inspector/header.js";
import { byteLength, eventStreamFraming } from "./passage.js";

/**
 * @typedef {import("./ask.js").LaneListener} LaneListener
 * @typedef {import("./ask.js").LaneSettings} LaneSettings
 * @typedef {import("./passage.js").Passage} Passage
 */

const RETRY_MS = 3000;

/** "Try Again Later" in RFC 6455's registry of close codes, which the server sends when there are too many. */
const TRY_AGAIN_LATER = 1013;

/**
 * @param {string} text
 * @returns {Passage}
 */
const request = (text) => ({ at: performance.now(), up: true, what: "request", text, head: null, body: 0, events: [] });

/**
 * @param {string} text
 * @param {number} head
 * @returns {Passage}
 */
const answer = (text, head) => ({ at: performance.now(), up: false, what: "answer", text, head, body: 0, events: [] });

export class ServerSentEvents {
  #listener;
  /** @type {EventSource | null} */
  #source = null;

  /** @param {LaneListener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {LaneSettings} settings */
  start({ everyMs, bytes }) {
    const url = `/lessons/events?every_ms=${everyMs}&bytes=${bytes}`;
    const source = new EventSource(url);
    this.#source = source;
    /** @type {Passage | null} */
    let sent = null;
    const addRequest = () => {
      sent = request(`GET ${url}`);
      this.#listener.onPass(sent);
    };
    addRequest();
    source.addEventListener("headers", (event) => {
      const { up, down } = JSON.parse(event.data);
      if (!sent) addRequest(); // the browser has reconnected
      const known = /** @type {Passage} */ (/** @type {unknown} */ (sent));
      known.head = up;
      this.#listener.onHeadKnown(known);
      this.#listener.onPass(answer("200 text/event-stream", down));
      this.#listener.onOpen(true);
    });
    source.addEventListener("message", ({ data, lastEventId }) => {
      const event = JSON.parse(data);
      this.#listener.onPass({
        at: performance.now(),
        up: false,
        what: "message",
        text: `#${event.id} ${event.text}`,
        head: eventStreamFraming(lastEventId, data),
        body: byteLength(data),
        events: [event],
      });
    });
    source.addEventListener("error", () => {
      this.#listener.onOpen(false);
      // The browser reports neither status nor reason. CLOSED means refused; otherwise it reconnects by itself.
      if (source.readyState === EventSource.CLOSED) {
        this.#listener.onRefused({ error: "too_many_lessons", message: "" });
        return;
      }
      this.#listener.onTrouble(null);
      sent = null;
    });
  }

  stop() {
    this.#source?.close();
    this.#listener.onOpen(false);
  }
}

export class RawWebSocket {
  #listener;
  #reply;
  /** @type {WebSocket | null} */
  #socket = null;
  #retry = 0;

  /**
   * @param {LaneListener} listener
   * @param {() => string} reply the answer to each message of the server; empty: none
   */
  constructor(listener, reply) {
    this.#listener = listener;
    this.#reply = reply;
  }

  /** @param {LaneSettings} settings */
  start(settings) {
    const { everyMs, bytes } = settings;
    const path = `/ws?every_ms=${everyMs}&bytes=${bytes}`;
    const socket = new WebSocket(location.origin.replace("http", "ws") + path);
    this.#socket = socket;
    const opening = request(`GET ${path} · Upgrade: websocket`);
    this.#listener.onPass(opening);
    socket.addEventListener("open", () => this.#socket === socket && this.#listener.onOpen(true));
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket !== socket) return;
      const message = JSON.parse(data);
      if (message.headers) {
        opening.head = message.headers.up;
        this.#listener.onHeadKnown(opening);
        this.#listener.onPass(answer("101 Switching Protocols", message.headers.down));
        return;
      }
      this.#pass(false, `#${message.id} ${message.text}`, byteLength(data), [message]);
      const reply = this.#reply();
      if (reply) this.send(reply);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#listener.onOpen(false);
      if (code === TRY_AGAIN_LATER) return this.#listener.onRefused({ error: reason, message: "" });
      this.#listener.onTrouble(null);
      this.#retry = setTimeout(() => this.start(settings), RETRY_MS);
    });
  }

  stop() {
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#listener.onOpen(false);
  }

  /** @param {string} text */
  send(text) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(text);
    this.#pass(true, text, byteLength(text), []);
  }

  /**
   * @param {boolean} up
   * @param {string} text
   * @param {number} body
   * @param {import("./passage.js").LessonEvent[]} events
   */
  #pass(up, text, body, events) {
    const head = frameHeaderSize(body, up);
    this.#listener.onPass({ at: performance.now(), up, what: "message", text, head, body, events, said: up });
  }
}
