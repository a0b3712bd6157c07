/** What the list above a text field offers, and which of it is active. Pure. */

import { inFence } from "./fence.js";

/**
 * @typedef {object} Suggestion
 * @property {string} text what it writes
 * @property {string} name what the list shows, unless it is a visitor
 * @property {string} [hint] shown beside it
 * @property {string} [user] a visitor's colour: shown with their face and name
 *
 * @typedef {object} Offer
 * @property {number} from where in the text that begins which an item replaces; it ends at the caret
 * @property {Suggestion[]} items best first
 *
 * @typedef {object} OfferSource
 * @property {string} label of the list, for screen readers
 * @property {(before: string) => Offer | null} find what can be written at the end of the text before the caret. Not
 *   asked within a block of code
 * @property {(item: Suggestion, write: (text: string) => void) => void} [onPick] `write` replaces the text from `from` to the
 *   caret; without `onPick`, the item's text does
 *
 * @typedef {Offer & {source: OfferSource}} ShownOffer
 */

export class Suggestions {
  /** @type {OfferSource[]} */
  #sources = [];
  /** @type {ShownOffer | null} */
  #shown = null;
  /** @type {Pick<ShownOffer, "source" | "from"> | null} what is not to be shown again until something else is written */
  #dismissed = null;
  #active = 0;

  /** @param {OfferSource} source after those added before it */
  add(source) {
    this.#sources.push(source);
  }

  /** Of the first source that offers anything. */
  get shown() {
    return this.#shown;
  }

  /** The index of the active item. */
  get active() {
    return this.#active;
  }

  /**
   * @param {string} before the text before the caret, empty if there is none
   * @returns {boolean} whether anything else is shown now
   */
  update(before) {
    const found = this.#find(before);
    const again = found !== null && sameWord(found, this.#dismissed);
    if (!again) this.#dismissed = null;
    return this.#show(again ? null : found);
  }

  /** @param {number} step 1 for the next item, -1 for the one before; after the last comes the first */
  move(step) {
    const count = this.#shown?.items.length ?? 0;
    if (count) this.#active = (this.#active + step + count) % count;
  }

  /** Show nothing until something else is written. */
  dismiss() {
    this.#dismissed = this.#shown;
    this.#show(null);
  }

  /**
   * @param {string} before
   * @returns {ShownOffer | null}
   */
  #find(before) {
    if (!before || inFence(before)) return null;
    for (const source of this.#sources) {
      const found = source.find(before);
      if (found?.items.length) return { ...found, source };
    }
    return null;
  }

  /** @param {ShownOffer | null} shown */
  #show(shown) {
    const before = this.#shown;
    this.#shown = shown;
    if (shown && before && sameWord(shown, before) && sameItems(shown.items, before.items)) return false;
    this.#active = 0;
    return shown !== before;
  }
}

/**
 * @param {Pick<ShownOffer, "source" | "from">} a
 * @param {Pick<ShownOffer, "source" | "from"> | null} b
 */
function sameWord(a, b) {
  return a.source === b?.source && a.from === b.from;
}

/**
 * @param {Suggestion[]} a
 * @param {Suggestion[]} b
 */
function sameItems(a, b) {
  return a.length === b.length && a.every(({ text, name, hint }, at) => text === b[at].text && name === b[at].name && hint === b[at].hint);
}
