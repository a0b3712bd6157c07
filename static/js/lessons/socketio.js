/**
 * Socket.IO on the namespace `/`: receives `news`, sends `reply`. The client reports the packets (inspector/tap.js),
 * and Resource Timing the HTTP requests that carry them. Neither gives the size of the headers, which is estimated from
 * a request of our own.
 */

import { frameHeaderSize } from "../inspector/header.js";
import { tap } from "../inspector/tap.js";
import { connect } from "../socket.js";

/**
 * @typedef {import("../inspector/tape.js").Frame} Frame
 * @typedef {import("../inspector/tape.js").Tape} Tape
 * @typedef {import("../socket.js").Socket} Socket
 * @typedef {import("./ask.js").LaneListener} LaneListener
 */

const PROBE = "/lessons/poll?after=0";

export class SocketIo {
  #listener;
  #tape;
  #reply;
  #onId;
  /** @type {Socket | null} */
  #socket = null;
  #heads = { up: 0, down: 0 };
  /** The connections whose WebSocket has been seen. */
  #upgraded = new Set();
  #requests = new PerformanceObserver((list) => this.#requested(list.getEntries()));
  #began = 0;
  #unlisten = () => {};

  /**
   * @param {LaneListener} listener
   * @param {Tape} tape
   * @param {() => string} reply the answer to `news`; empty: none
   * @param {() => void} onId called when the socket has a new id
   */
  constructor(listener, tape, reply, onId) {
    this.#listener = listener;
    this.#tape = tape;
    this.#reply = reply;
    this.#onId = onId;
  }

  /** The id of its socket, once it has one. */
  get id() {
    return this.#socket?.id;
  }

  /** @param {string[]} transports the client's option of this name */
  async start(transports) {
    const began = performance.now();
    this.#began = began;
    await this.#measure();
    if (began !== this.#began) return; // stopped, and perhaps started again
    this.#unlisten = this.#tape.listen((frame) => this.#framed(frame));
    this.#requests.observe({ type: "resource" });
    const socket = connect("/", { forceNew: true, transports });
    this.#socket = socket;
    tap(socket, this.#tape);
    socket.on("connect", () => {
      this.#onId();
      this.#listener.onOpen(true);
    });
    socket.on("disconnect", () => this.#listener.onOpen(false));
    socket.on("connect_error", (error) => {
      const refusal = /** @type {{data?: import("../wire.js").Problem}} */ (error).data;
      if (refusal) this.#listener.onRefused(refusal);
      else this.#listener.onTrouble(null);
    });
    socket.on("news", () => {
      const reply = this.#reply();
      if (reply) socket.emit("reply", reply);
    });
  }

  stop() {
    this.#began = 0;
    this.#requests.disconnect();
    this.#socket?.disconnect();
    this.#socket?.removeAllListeners();
    this.#socket = null;
    this.#unlisten();
    this.#listener.onOpen(false);
  }

  /** @param {string} text */
  send(text) {
    this.#socket?.emit("reply", text);
  }

  /** Measure the heads of a small request and its answer. */
  async #measure() {
    try {
      const response = await fetch(PROBE, { cache: "no-store", headers: { Accept: "*/*" } });
      const { headers } = await response.json();
      this.#heads = { up: headers.up - PROBE.length, down: headers.down };
    } catch {
      // Count the heads as 0; the connection itself will report what is wrong.
    }
  }

  /** @param {Frame} frame */
  #framed({ at, up, raw, size, transport, connection }) {
    const now = at - performance.timeOrigin;
    if (transport === "websocket" && !this.#upgraded.has(connection)) {
      this.#upgraded.add(connection);
      this.#passed(now, now, "/socket.io/?EIO=4&transport=websocket · Upgrade: websocket", "101 Switching Protocols");
    }
    const event = String(raw).startsWith("42[");
    this.#listener.onPass({
      at: now,
      up,
      what: "message",
      text: String(raw),
      head: transport === "websocket" ? frameHeaderSize(size, up) : 0, // with polling, the request has the head
      body: size,
      events: event && !up ? [{}] : [],
      said: event && up,
    });
  }

  /** @param {PerformanceEntryList} entries */
  #requested(entries) {
    for (const { name, startTime, duration } of entries) {
      const { pathname, search } = new URL(name);
      if (pathname !== "/socket.io/" || !search.includes("transport=polling") || startTime < this.#began) continue;
      this.#passed(startTime, startTime + duration, pathname + search, "200");
    }
  }

  /**
   * @param {number} asked
   * @param {number} answered
   * @param {string} url
   * @param {string} answer
   */
  #passed(asked, answered, url, answer) {
    const passage = { estimated: true, body: 0, events: [] };
    const head = this.#heads.up && this.#heads.up + url.length;
    this.#listener.onPass({ ...passage, at: asked, up: true, what: "request", text: url, head });
    this.#listener.onPass({ ...passage, at: answered, up: false, what: "answer", text: answer, head: this.#heads.down, since: asked });
  }
}
