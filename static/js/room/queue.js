/**
 * Sends items one at a time and in order, each identified by its nonce, so that several messages or images arrive in
 * the order they were sent.
 *
 * "Too fast", "everybody listens", "not admitted" and a missing answer are not refusals: the same item is sent again
 * after a wait, and none overtakes it. A refusal removes the item, and the next one is sent; to retry it, add it again.
 */

import { Refusal } from "../http.js";
import { Pause } from "./pause.js";

/**
 * @typedef {import("../wire.js").Problem} Problem
 *
 * @typedef {object} Carrier
 * @property {(nonce: string, signal: AbortSignal) => Promise<void>} deliver throws `Refusal` when the server refuses,
 *   anything else when there was no answer. It is then called again, so it must be idempotent
 * @property {(nonce: string, problem?: Problem) => void} [onWaiting] it waits for its turn, or because of the problem
 * @property {(nonce: string) => void} [onSending]
 * @property {(nonce: string) => void} [onUnanswered] it will be sent again, without another `onSending`
 * @property {(nonce: string, problem: Problem) => void} onRefused
 */

const UNANSWERED_WAIT_MS = 3000;
/**
 * How long to wait if the server does not say. When everybody may speak again, the page is told, and restarts.
 * @type {Record<string, number>}
 */
const WAIT_MS = { too_fast: 1000, frozen: 30_000 };
/** The page has not joined yet since an older copy of the server's data, without this visitor, was restored. */
const NOT_YET = "not_admitted";

export class Queue {
  /** @type {string[]} in order, including the one being sent */
  #nonces = [];
  #carrier;
  #running = false;
  /** @type {string | null} */
  #sending = null;
  /** Whether the last attempt to send it got no answer. */
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

  /** @param {string[]} nonces everything to send, in order; the one being sent is finished first */
  arrange(nonces) {
    this.#nonces = nonces;
    if (!this.#running) this.#run();
  }

  /** @param {string} nonce not to send any more; if it is being sent, that is aborted */
  cancel(nonce) {
    if (this.#sending === nonce) this.#abort.abort();
    this.settle(nonce);
  }

  /** @param {string} nonce that has arrived, whatever becomes of its request */
  settle(nonce) {
    this.#nonces = this.#nonces.filter((other) => other !== nonce);
    if (this.#sending === nonce) this.#pause.cut(); // the next one need not wait for it
  }

  /** The network has changed: abort the current attempt and send again at once. */
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
      await Promise.race([this.#carrier.deliver(nonce, signal), rejectOnAbort(signal)]);
      this.settle(nonce);
    } catch (failure) {
      if (!this.#nonces.includes(nonce)) return;
      if (failure instanceof Refusal && failure.problem.error !== NOT_YET) return this.#refused(nonce, failure.problem);
      this.#unanswered = true;
      const wait = this.#pause.wait(signal.aborted ? 0 : UNANSWERED_WAIT_MS);
      this.#carrier.onUnanswered?.(nonce);
      return wait;
    }
  }

  /**
   * @param {string} nonce
   * @param {Problem} problem
   */
  #refused(nonce, problem) {
    if (problem.error in WAIT_MS) {
      const wait = this.#pause.wait(problem.retry_after ? problem.retry_after * 1000 : WAIT_MS[problem.error]);
      this.#carrier.onWaiting?.(nonce, problem);
      return wait;
    }
    this.settle(nonce);
    this.#carrier.onRefused(nonce, problem);
  }
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
function rejectOnAbort(signal) {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
