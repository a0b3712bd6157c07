/** Polling and long polling: the browser asks. */

import { problemOf, Refusal } from "../http.js";
import { byteLength } from "./passage.js";

/**
 * @typedef {import("./passage.js").Passage} Passage
 *
 * @typedef {object} LaneSettings
 * @property {number} everyMs how often something happens on the server
 * @property {number} bytes the least size of an event
 * @property {number} pollMs how often polling asks
 *
 * @typedef {object} LaneListener
 * @property {(passage: Passage) => void} onPass
 * @property {(passage: Passage) => void} onKnown its head has become known
 * @property {(open: boolean) => void} onOpen whether a connection is held open now
 * @property {(problem: import("../wire.js").Problem | null) => void} onTrouble null: out of reach; it goes on trying
 * @property {(problem: import("../wire.js").Problem) => void} onRefused it has ended by itself
 */

const RETRY_MS = 3000;

/** What both kinds of asking share. */
class Asking {
  #listener;
  #wait;
  #abort = new AbortController();
  /** @type {number | ""} the last event there was */
  #last = "";
  /** @type {LaneSettings} */
  settings = { everyMs: 0, bytes: 0, pollMs: 0 };

  /**
   * @param {LaneListener} listener
   * @param {boolean} wait have the server hold the request until there is something to tell
   */
  constructor(listener, wait) {
    this.#listener = listener;
    this.#wait = wait;
  }

  /** @param {LaneSettings} settings */
  begin(settings) {
    this.settings = settings;
    this.#last = "";
    this.#abort = new AbortController();
    return this.#abort.signal;
  }

  stop() {
    this.#abort.abort();
    this.#listener.onOpen(false);
  }

  /**
   * Ask once.
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether there was an answer
   */
  async ask(signal) {
    const { everyMs, bytes } = this.settings;
    const url = `/lessons/poll?every_ms=${everyMs}&bytes=${bytes}&after=${this.#last}${this.#wait ? "&wait=1" : ""}`;
    /** @type {Passage} */
    const request = { at: performance.now(), up: true, what: "request", text: `GET ${url}`, head: null, body: 0, events: [] };
    if (this.#wait) request.held_ms = everyMs; // until the next event
    this.#listener.onPass(request);
    this.#listener.onOpen(true);
    try {
      const response = await fetch(url, { cache: "no-store", headers: { Accept: "application/json" }, signal });
      const text = await response.text();
      if (!response.ok) throw new Refusal(problemOf(JSON.parse(text)));
      const { events, last, headers } = JSON.parse(text);
      this.#last = last;
      request.head = headers.up;
      this.#listener.onKnown(request);
      const said = events.map((/** @type {{id: number, text: string}} */ { id, text }) => `#${id} ${text}`);
      this.#listener.onPass({
        at: performance.now(),
        up: false,
        what: "answer",
        text: said.join(" / "),
        head: headers.down,
        body: byteLength(text),
        events,
        since: request.at,
      });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#listener.onTrouble(error instanceof Refusal ? error.problem : null);
      return false;
    } finally {
      if (!signal.aborted) this.#listener.onOpen(false);
    }
  }
}

export class Polling {
  #asking;
  #timer = 0;
  #busy = false;

  /** @param {LaneListener} listener */
  constructor(listener) {
    this.#asking = new Asking(listener, false);
  }

  /** @param {LaneSettings} settings */
  start(settings) {
    const signal = this.#asking.begin(settings);
    this.#busy = false;
    this.#timer = setInterval(() => this.#ask(signal), settings.pollMs);
    this.#ask(signal);
  }

  stop() {
    clearInterval(this.#timer);
    this.#asking.stop();
  }

  /**
   * Ask, unless the answer before is still to come: it may tell of the same events.
   * @param {AbortSignal} signal
   */
  async #ask(signal) {
    if (this.#busy) return;
    this.#busy = true;
    await this.#asking.ask(signal);
    if (!signal.aborted) this.#busy = false;
  }
}

export class LongPolling {
  #asking;

  /** @param {LaneListener} listener */
  constructor(listener) {
    this.#asking = new Asking(listener, true);
  }

  /** @param {LaneSettings} settings */
  async start(settings) {
    const signal = this.#asking.begin(settings);
    while (!signal.aborted) {
      if (!(await this.#asking.ask(signal))) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  stop() {
    this.#asking.stop();
  }
}
