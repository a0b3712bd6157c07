/**
 * What is sent one after the other, in the order it was given, each known by its nonce. One at a time, so that a row of
 * messages or pictures arrives as the row that it is.
 *
 * "Too fast" is not a refusal but a request to wait, and no answer is none: the same one goes again afterwards, and no
 * other overtakes it. A refusal takes it out, and the next one goes; to try again is to add it again.
 */

import { Refusal } from "../http.js";
import { Pause } from "./pause.js";

/**
 * @typedef {import("../wire.js").Problem} Problem
 *
 * @typedef {object} Carrier
 * @property {(nonce: string, signal: AbortSignal) => Promise<void>} deliver throws `Refusal` when the server will not
 *   have it, anything else when there was no answer: it is then called again, and it must be safe to
 * @property {(nonce: string) => void} [onWaiting] for its turn, or because the server asked to
 * @property {(nonce: string) => void} [onSending]
 * @property {(nonce: string) => void} [onUnanswered] it goes again, without a further `onSending`
 * @property {(nonce: string, problem: Problem) => void} onRefused
 */

const UNANSWERED_WAIT_MS = 3000;
const TOO_FAST_WAIT_MS = 1000;

export class Queue {
  /** @type {string[]} in the order they go, with the one being sent */
  #nonces = [];
  #carrier;
  #running = false;
  /** @type {string | null} */
  #sending = null;
  /** Whether there was no answer when that one went last. */
  #unanswered = false;
  #abort = new AbortController();
  #pause = new Pause();

  /** @param {Carrier} carrier */
  constructor(carrier) {
    this.#carrier = carrier;
  }

  get empty() {
    return this.#nonces.length === 0;
  }

  /** @param {string} nonce */
  add(nonce) {
    const waits = this.#running;
    this.arrange([...this.#nonces, nonce]);
    if (waits) this.#carrier.onWaiting?.(nonce);
  }

  /** @param {string[]} nonces all that is to be sent, in the order to go; the one on its way ends first */
  arrange(nonces) {
    this.#nonces = nonces;
    if (!this.#running) this.#run();
  }

  /** @param {string} nonce no longer to be sent; what is on its way is broken off */
  cancel(nonce) {
    if (this.#sending === nonce) this.#abort.abort();
    this.settle(nonce);
  }

  /** @param {string} nonce that needs no more sending: it has arrived, whatever becomes of the request */
  settle(nonce) {
    this.#nonces = this.#nonces.filter((other) => other !== nonce);
    if (this.#sending === nonce) this.#pause.cut(); // the next one need not wait for it
  }

  /** The network is another one now: what was on its way goes again at once, and nothing waits any longer. */
  restart() {
    this.#abort.abort();
    this.#pause.cut();
  }

  async #run() {
    this.#running = true;
    try {
      while (!this.empty) await this.#send(this.#nonces[0]);
    } finally {
      this.#running = false;
    }
  }

  /** @param {string} nonce */
  async #send(nonce) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    if (this.#sending !== nonce || !this.#unanswered) this.#carrier.onSending?.(nonce);
    this.#sending = nonce;
    this.#unanswered = false;
    try {
      await Promise.race([this.#carrier.deliver(nonce, signal), brokenOff(signal)]);
      this.settle(nonce);
    } catch (failure) {
      if (!this.#nonces.includes(nonce)) return;
      if (failure instanceof Refusal) return this.#refused(nonce, failure.problem);
      this.#unanswered = true;
      const over = this.#pause.wait(signal.aborted ? 0 : UNANSWERED_WAIT_MS);
      this.#carrier.onUnanswered?.(nonce);
      return over;
    }
  }

  /**
   * @param {string} nonce
   * @param {Problem} problem
   */
  #refused(nonce, problem) {
    if (problem.error === "too_fast") {
      const over = this.#pause.wait(problem.retry_after ? problem.retry_after * 1000 : TOO_FAST_WAIT_MS);
      this.#carrier.onWaiting?.(nonce);
      return over;
    }
    this.settle(nonce);
    this.#carrier.onRefused(nonce, problem);
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
function brokenOff(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
