/** #chat-list: the records' lines in the order of `seq`, and after them what is still being sent. */

import { showTime } from "../when.js";

export class ChatList {
  #root;
  /** @type {Map<string, HTMLElement>} nonce → line */
  #pending = new Map();

  /** @param {HTMLElement} root with the lines that the server drew */
  constructor(root) {
    this.#root = root;
    for (const time of root.querySelectorAll("time")) showTime(time, time.dateTime);
  }

  /** @returns {{seq: number, nonce?: string}[]} the records whose lines the server drew */
  drawn() {
    const lines = /** @type {HTMLElement[]} */ ([...this.#root.querySelectorAll(":scope > [data-seq]")]);
    return lines.map(({ dataset }) => ({ seq: Number(dataset.seq), nonce: dataset.nonce }));
  }

  /** Take away the lines of all records. */
  clear() {
    for (const line of this.#root.querySelectorAll(":scope > [data-seq]")) line.remove();
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  line(seq) {
    return this.#root.querySelector(`:scope > [data-seq="${seq}"]`);
  }

  /** @param {HTMLElement} line of a record */
  add(line) {
    const seq = Number(line.dataset.seq);
    let after = this.#root.lastElementChild;
    while (after && !(seqOf(after) < seq)) after = after.previousElementSibling;
    this.#root.insertBefore(line, after ? after.nextElementSibling : this.#root.firstElementChild);
  }

  /** @param {HTMLElement[]} lines of records older than all here, oldest first */
  addOlder(lines) {
    // Not news: a screen reader that reads new lines out is not to read these.
    this.#root.setAttribute("aria-live", "off");
    this.#root.prepend(...lines);
    requestAnimationFrame(() => this.#root.setAttribute("aria-live", "polite"));
  }

  /**
   * @param {string} nonce
   * @param {HTMLElement} line
   */
  addPending(nonce, line) {
    this.#pending.set(nonce, line);
    this.#root.append(line);
  }

  /** @param {string} nonce */
  pending(nonce) {
    return this.#pending.get(nonce);
  }

  /** @param {string} nonce */
  removePending(nonce) {
    this.#pending.get(nonce)?.remove();
    this.#pending.delete(nonce);
  }
}

/** @param {Element} line @returns {number} NaN for a pending one, which is before nothing */
function seqOf(line) {
  return Number(/** @type {HTMLElement} */ (line).dataset.seq ?? NaN);
}
