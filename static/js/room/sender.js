/**
 * Sends an outbox's letters, one after the other, until the server has said of each what became of it.
 *
 * A letter that is not answered is sent again: its nonce makes that safe. A letter that is refused is marked and the
 * next one goes; only "too fast" is not a refusal but a request to wait.
 */

import { Refusal } from "../http.js";
import { Pause } from "./pause.js";

/**
 * @typedef {import("../wire.js").Problem} Problem
 * @typedef {import("./outbox.js").Letter} Letter
 * @typedef {import("./outbox.js").Outbox} Outbox
 */

const UNANSWERED_WAIT_MS = 3000;
const TOO_FAST_WAIT_MS = 1000;

export class Sender {
  #outbox;
  #deliver;
  #onRefused;
  #running = false;
  /** Since the letter being sent went out. */
  #woken = false;
  #pause = new Pause();

  /**
   * @param {Outbox} outbox
   * @param {(letter: Letter) => Promise<void>} deliver resolves when the server has it; throws `Refusal` when it will
   *   not have it, anything else when there was no answer
   * @param {(nonce: string, problem: Problem) => void} onRefused is to take the letter out of the queue
   */
  constructor(outbox, deliver, onRefused) {
    this.#outbox = outbox;
    this.#deliver = deliver;
    this.#onRefused = onRefused;
  }

  /** There is something to send, or a new chance to send it: go on now. */
  async wake() {
    this.#woken = true;
    this.#pause.cut();
    if (this.#running) return;
    this.#running = true;
    try {
      for (let letter = this.#outbox.next(); letter; letter = this.#outbox.next()) await this.#send(letter);
    } finally {
      this.#running = false;
    }
  }

  /** @param {Letter} letter */
  async #send(letter) {
    this.#woken = false;
    try {
      await this.#deliver(letter);
      this.#outbox.remove(letter.nonce);
    } catch (failure) {
      if (!(failure instanceof Refusal)) return this.#woken ? undefined : this.#pause.wait(UNANSWERED_WAIT_MS);
      const { error, retry_after: wait_s } = failure.problem;
      if (error === "too_fast") return this.#pause.wait(wait_s ? wait_s * 1000 : TOO_FAST_WAIT_MS);
      this.#onRefused(letter.nonce, failure.problem);
    }
  }
}
