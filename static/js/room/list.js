/** #chat-list: the records' lines in the order of `seq`, and after them what is still being sent. */

import { showTime } from "../when.js";
import { morph } from "./morph.js";
import { samePicture } from "./pictures/picture.js";
import { drawStill, fillQuote } from "./quote_view.js";

/** @typedef {import("../wire.js").Quote} Quote */

/** What only the page knows of a line: that its reader was led there, or has touched it. */
const OWN_CLASSES = ["found", "touched"];

export class ChatList {
  #root;
  /** @type {Map<string, HTMLElement>} nonce → line */
  #pending = new Map();

  /** @param {HTMLElement} root with the lines that the server drew */
  constructor(root) {
    this.#root = root;
    for (const time of root.querySelectorAll("time")) showTime(time, time.dateTime);
    for (const quote of this.#all("[data-gif][data-original]")) drawStill(quote);
  }

  /** @returns {{seq: number, rev?: number, nonce?: string}[]} the records whose lines the server drew */
  drawn() {
    return this.#all(":scope > [data-seq]").map(({ dataset: { seq, rev, nonce } }) => ({
      seq: Number(seq),
      rev: rev === undefined ? undefined : Number(rev),
      nonce,
    }));
  }

  /** Take away the lines of all records. */
  clear() {
    for (const line of this.#root.querySelectorAll(":scope > [data-seq]")) line.remove();
  }

  /** @param {number} seq @returns {HTMLElement | null} */
  line(seq) {
    return this.#root.querySelector(`:scope > [data-seq="${seq}"]`);
  }

  /** @param {string} id a record's `_id` @returns {HTMLElement | null} */
  lineOf(id) {
    return this.#root.querySelector(`:scope > [data-id="${CSS.escape(id)}"]`);
  }

  /** @param {HTMLElement} line of a record */
  add(line) {
    const seq = Number(line.dataset.seq);
    let after = this.#root.lastElementChild;
    while (after && !(seqOf(after) < seq)) after = after.previousElementSibling;
    this.#root.insertBefore(line, after ? after.nextElementSibling : this.#root.firstElementChild);
  }

  /**
   * Draw a record's line again, where it is.
   * @param {HTMLElement} line
   * @param {HTMLElement} fresh
   * @param {Quote | undefined} re what it answers
   */
  redraw(line, fresh, re) {
    for (const name of OWN_CLASSES) if (line.classList.contains(name)) fresh.classList.add(name);
    if (line.hasAttribute("tabindex")) fresh.tabIndex = line.tabIndex;
    const focused = line.contains(document.activeElement);
    morph(line, fresh, (old, anew) => old.matches(".quote") || samePicture(old, anew));
    const quote = /** @type {HTMLElement | null} */ (line.querySelector(":scope > .quote"));
    if (quote && re) fillQuote(quote, re);
    if (!focused || line.contains(document.activeElement)) return;
    // What had the focus is gone.
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
  }

  /**
   * Let all replies to a record show it as it is.
   * @param {Quote} quote
   */
  requote(quote) {
    for (const element of this.#all(`[data-original="${CSS.escape(quote._id)}"]`)) fillQuote(element, quote);
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

  /** @param {string} selector */
  #all(selector) {
    return /** @type {HTMLElement[]} */ ([...this.#root.querySelectorAll(selector)]);
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
