/**
 * #chat-list: the lines of the records, ordered by `seq`, followed by what is being sent. A button above it is visible
 * while there are older records without a line, one below it while there are newer ones.
 */

import { showClock, showTime } from "../when.js";
import { ARRANGED, Arranged } from "./arranged.js";
import { morph } from "./morph.js";
import { samePicture } from "./pictures/picture.js";
import { drawStill, fillQuote } from "./quote_view.js";
import { Roving } from "./roving.js";
import { Said } from "./said.js";
import { dressTexts, retext } from "./text_view.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

/** Classes that only this page sets: the reader was led to the line, has touched it, or has seen nothing from it on. */
const OWN_CLASSES = ["found", "touched", "first-new", ...ARRANGED];

export class ChatList {
  #root;
  #arranged;
  #roving;
  #older;
  #newer;
  /** @type {Map<number, HTMLElement>} seq → line */
  #lines = new Map();
  /** @type {Map<string, HTMLElement>} nonce → line */
  #pending = new Map();
  /** The line below the mark for what is new, if it is on the page. @type {HTMLElement | undefined} */
  marked;
  #onFold = (/** @type {HTMLElement} */ _fold, /** @type {() => void} */ change) => change();

  /**
   * @param {HTMLElement} root with the lines rendered by the server
   * @param {HTMLElement} older above it
   * @param {HTMLElement} newer below it
   */
  constructor(root, older, newer) {
    this.#root = root;
    this.#older = older;
    this.#newer = newer;
    for (const line of this.#all(":scope > [data-seq]")) this.#lines.set(seqOf(line), line);
    dressTexts(root);
    for (const time of root.querySelectorAll("time")) {
      if (time.dataset.part === "time") showClock(time, time.dateTime);
      else showTime(time, time.dateTime);
    }
    this.#arranged = new Arranged(root, (fold, change) => this.#onFold(fold, change));
    this.#roving = new Roving(root);
    for (const quote of this.#all("[data-gif][data-original]")) drawStill(quote);
  }

  /** @returns {{seq: number, rev?: number, nonce?: string}[]} the records whose lines the server rendered */
  drawn() {
    return this.#all(":scope > [data-seq]").map(({ dataset: { seq, rev, nonce } }) => ({
      seq: Number(seq),
      rev: rev === undefined ? undefined : Number(rev),
      nonce,
    }));
  }

  /** @returns {Said[]} what visitors said, oldest first */
  said() {
    return this.#all(":scope > :is(.mine, .other)[data-seq]").map((line) => new Said(line));
  }

  /** @param {string} text of the mark for what is new */
  nameMark(text) {
    this.#root.style.setProperty("--first-new", JSON.stringify(text));
  }

  /**
   * Mark the first line of what is new.
   * @param {{after: number, first: number} | undefined} mark what others said after a `seq`; the first of it that is known
   */
  showMark(mark) {
    const line = mark && this.#firstNew(mark);
    if (line === this.marked) return;
    this.marked?.classList.remove("first-new");
    this.marked = line;
    line?.classList.add("first-new");
    this.arrange();
  }

  /** @param {Parameters<ChatList["showMark"]>[0]} mark @returns {boolean} whether it is shown, or cannot be now */
  shows(mark) {
    return this.marked === (mark && this.#firstNew(mark));
  }

  /** @param {{after: number, first: number}} mark */
  #firstNew({ after, first }) {
    const others = this.#all(":scope > .other[data-seq]");
    // Without a line before it or for it, there may be others before those on the page.
    if (!this.#lines.has(first) && !others.some((line) => seqOf(line) < first)) return undefined;
    return others.find((line) => seqOf(line) > after);
  }

  /** The number of elements in it that are no record's line: what is being sent, days, folds. */
  get others() {
    return this.#pending.size + this.#arranged.between;
  }

  /** The number of lines that are folded. */
  get folded() {
    return this.#root.querySelectorAll(":scope > .folded").length;
  }

  /** @param {(fold: HTMLElement, change: () => void) => void} onFold makes a change below a fold that the reader uses */
  whenFolding(onFold) {
    this.#onFold = onFold;
  }

  /** @param {HTMLElement} line to be seen even if it is folded */
  unfold(line) {
    this.#arranged.show(line);
  }

  /** Another day may have begun while the machine slept. */
  callDays() {
    this.#arranged.callDays();
  }

  /** Whether there are older records than those shown. */
  get hasOlder() {
    return !this.#older.hidden;
  }

  /**
   * @param {boolean} older whether there are older records than those shown
   * @param {boolean} newer whether there are newer ones
   */
  showMore(older, newer) {
    this.#older.hidden = !older;
    this.#newer.hidden = !newer;
  }

  /** Remove the lines of all records. */
  clear() {
    for (const line of this.#lines.values()) line.remove();
    this.#lines.clear();
  }

  /**
   * Remove the lines of some records.
   * @param {number[]} seqs
   */
  remove(seqs) {
    for (const seq of seqs) {
      const line = this.#lines.get(seq);
      // If the line has the focus, move it so that keys still scroll the chat.
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

  /** To be called when lines were added or removed: it shows them as they follow one another now. */
  arrange() {
    this.#arranged.update();
    this.#roving.update();
  }

  /**
   * @param {HTMLElement} line
   * @param {ChatRecord} record
   */
  add(line, record) {
    const { seq } = record;
    this.#arranged.know(line, record);
    this.#lines.set(seq, line);
    let after = this.#root.lastElementChild;
    while (after && !(seqOf(after) < seq)) after = after.previousElementSibling;
    this.#root.insertBefore(line, after ? after.nextElementSibling : this.#root.firstElementChild);
  }

  /**
   * Redraw a record's line in place.
   * @param {HTMLElement} line
   * @param {HTMLElement} fresh
   * @param {ChatRecord} record
   */
  redraw(line, fresh, record) {
    for (const name of OWN_CLASSES) if (line.classList.contains(name)) fresh.classList.add(name);
    if (line.hasAttribute("tabindex")) fresh.tabIndex = line.tabIndex;
    const focused = line.contains(document.activeElement);
    morph(line, fresh, (old, anew) => old.matches(".quote") || samePicture(old, anew) || retext(old, anew));
    const quote = /** @type {HTMLElement | null} */ (line.querySelector(":scope > .quote"));
    if (quote && record.re) fillQuote(quote, record.re);
    this.#arranged.know(line, record);
    this.arrange();
    if (!focused || line.contains(document.activeElement)) return;
    // The focused element was removed.
    line.tabIndex = -1;
    line.focus({ preventScroll: true });
  }

  /**
   * Update a record in all replies that quote it.
   * @param {Quote} quote
   */
  requote(quote) {
    for (const element of this.#all(`[data-original="${CSS.escape(quote._id)}"]`)) fillQuote(element, quote);
  }

  /**
   * Add lines from the history.
   * @param {HTMLElement[]} lines of records, oldest first; no line belongs between them
   * @param {ChatRecord[]} records
   */
  addQuietly(lines, records) {
    if (!lines.length) return;
    const [first, ...further] = lines;
    this.add(first, records[0]);
    first.after(...further);
    further.forEach((line, at) => {
      this.#lines.set(seqOf(line), line);
      this.#arranged.know(line, records[at + 1]);
    });
  }

  /**
   * @param {string} nonce
   * @param {HTMLElement} line
   * @param {import("./line.js").Pending} pending
   */
  addPending(nonce, line, pending) {
    this.#pending.set(nonce, line);
    this.#arranged.expect(line, pending);
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

/** @param {Element} line @returns {HTMLElement | null} the element that scrolls */
function scrollerOf(line) {
  return line.closest("[role=region]");
}

/** @param {Element} line @returns {number} NaN for a pending one, which is before nothing */
function seqOf(line) {
  return Number(/** @type {HTMLElement} */ (line).dataset.seq ?? NaN);
}
