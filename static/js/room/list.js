/**
 * #chat-list: the lines of the records that the page shows, in the order of `seq`, and after them what is still being
 * sent. Above it and below it a button stands while there are older or newer records that the page does not show.
 */

import { showTime } from "../when.js";
import { morph } from "./morph.js";
import { samePicture } from "./pictures/picture.js";
import { drawStill, fillQuote } from "./quote_view.js";

/** @typedef {import("../wire.js").Quote} Quote */

/** What only the page knows of a line: that its reader was led there, or has touched it. */
const OWN_CLASSES = ["found", "touched"];

export class ChatList {
  #root;
  #older;
  #newer;
  /** @type {Map<number, HTMLElement>} seq → line */
  #lines = new Map();
  /** @type {Map<string, HTMLElement>} nonce → line */
  #pending = new Map();

  /**
   * @param {HTMLElement} root with the lines that the server drew
   * @param {HTMLElement} older above it
   * @param {HTMLElement} newer below it
   */
  constructor(root, older, newer) {
    this.#root = root;
    this.#older = older;
    this.#newer = newer;
    for (const line of this.#all(":scope > [data-seq]")) this.#lines.set(seqOf(line), line);
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

  /** How many lines stand for something that is no record yet. */
  get waiting() {
    return this.#pending.size;
  }

  /** Whether there are records older than those shown. */
  get hasOlder() {
    return !this.#older.hidden;
  }

  /**
   * @param {boolean} older whether there are records older than those shown
   * @param {boolean} newer whether there are newer ones
   */
  showMore(older, newer) {
    this.#older.hidden = !older;
    this.#newer.hidden = !newer;
  }

  /** Take away the lines of all records. */
  clear() {
    for (const line of this.#lines.values()) line.remove();
    this.#lines.clear();
  }

  /**
   * Take away the lines of some records.
   * @param {number[]} seqs
   */
  remove(seqs) {
    for (const seq of seqs) {
      const line = this.#lines.get(seq);
      // What has the focus goes: the keys are still to scroll the chat.
      if (line?.contains(document.activeElement)) scrollerOf(line)?.focus({ preventScroll: true });
      line?.remove();
      this.#lines.delete(seq);
    }
  }

  /** @param {number} seq @returns {HTMLElement | undefined} */
  line(seq) {
    return this.#lines.get(seq);
  }

  /** @param {string} id a record's `_id` @returns {HTMLElement | null} */
  lineOf(id) {
    return this.#root.querySelector(`:scope > [data-id="${CSS.escape(id)}"]`);
  }

  /** @param {HTMLElement} line of a record */
  add(line) {
    const seq = seqOf(line);
    this.#lines.set(seq, line);
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

  /**
   * Add lines that are no news: a screen reader that reads new lines out is not to read these.
   * @param {HTMLElement[]} lines of records, oldest first, with none here that belongs between them
   */
  addQuietly(lines) {
    if (!lines.length) return;
    this.#root.setAttribute("aria-live", "off");
    const [first, ...further] = lines;
    this.add(first);
    first.after(...further);
    for (const line of further) this.#lines.set(seqOf(line), line);
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

/** @param {Element} line @returns {HTMLElement | null} what it is scrolled in */
function scrollerOf(line) {
  return line.closest("[role=region]");
}

/** @param {Element} line @returns {number} NaN for a pending one, which is before nothing */
function seqOf(line) {
  return Number(/** @type {HTMLElement} */ (line).dataset.seq ?? NaN);
}
