/** Polling and long polling: the browser requests events. */

import { problemOf, Refusal } from "../http.js";
import { byteLength } from "./passage.js";

/**
 * @typedef {import("./passage.js").Passage} Passage
 *
 * @typedef {object} LaneSettings
 * @property {number} everyMs the interval of the server's events
 * @property {number} bytes the minimum size of an event
 * @property {number} pollMs the polling interval
 *
 * @typedef {object} LaneListener
 * @property {(passage: Passage) => void} onPass
 * @property {(passage: Passage) => void} onHeadKnown the size of its head is known now
 * @property {(open: boolean) => void} onOpen whether a connection is held open now
 * @property {(problem: import("../wire.js").Problem | null) => void} onTrouble null: unreachable; it keeps trying
 * @property {(problem: import("../wire.js").Problem) => void} onRefused it has stopped for good
 */

const RETRY_MS = 3000;

/** The requests of both kinds of polling. */
class PollRequests {
  #listener;
  #wait;
  #abort = new AbortController();
  /** @type {number | ""} the id of the last event received */
  #last = "";
  /** @type {LaneSettings} */
  settings = { everyMs: 0, bytes: 0, pollMs: 0 };

  /**
   * @param {LaneListener} listener
   * @param {boolean} wait whether the server holds the request until there is an event
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
   * Send one request.
   * @param {AbortSignal} signal
   * @returns {Promise<boolean>} whether there was an answer
   */
  async send(signal) {
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
      this.#listener.onHeadKnown(request);
      const lines = events.map((/** @type {{id: number, text: string}} */ { id, text }) => `#${id} ${text}`);
      this.#listener.onPass({
        at: performance.now(),
        up: false,
        what: "answer",
        text: lines.join(" / "),
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
  #requests;
  #timer = 0;
  #busy = false;

  /** @param {LaneListener} listener */
  constructor(listener) {
    this.#requests = new PollRequests(listener, false);
  }

  /** @param {LaneSettings} settings */
  start(settings) {
    const signal = this.#requests.begin(settings);
    this.#busy = false;
    this.#timer = setInterval(() => this.#poll(signal), settings.pollMs);
    this.#poll(signal);
  }

  stop() {
    clearInterval(this.#timer);
    this.#requests.stop();
  }

  /**
   * Send a request unless the previous one is still unanswered: both would return the same events.
   * @param {AbortSignal} signal
   */
  async #poll(signal) {
    if (this.#busy) return;
    this.#busy = true;
    await this.#requests.send(signal);
    if (!signal.aborted) this.#busy = false;
  }
}

export class LongPolling {
  #requests;

  /** @param {LaneListener} listener */
  constructor(listener) {
    this.#requests = new PollRequests(listener, true);
  }

  /** @param {LaneSettings} settings */
  async start(settings) {
    const signal = this.#requests.begin(settings);
    while (!signal.aborted) {
      if (!(await this.#requests.send(signal))) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  stop() {
    this.#requests.stop();
  }
}
