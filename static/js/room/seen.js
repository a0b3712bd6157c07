/**
 * Keeps across a reload up to where the reader of a room has seen what was said: in sessionStorage, each tab for itself.
 * It is written when the page is hidden or left, and read once.
 *
 * @typedef {object} Seen
 * @property {string} epoch within which the numbers are valid
 * @property {number} seq
 * @property {import("./unread.js").Mark} [mark] that was not seen
 */

export class SeenStore {
  #store;
  #key;

  /**
   * @param {Storage | null} store if it is null or throws, nothing is kept
   * @param {string} room
   */
  constructor(store, room) {
    this.#store = store;
    this.#key = `gifchat.seen/${room}`;
  }

  /**
   * @param {string} epoch the present one
   * @returns {Seen | null} what was kept, if it is valid
   */
  take(epoch) {
    try {
      const seen = JSON.parse(this.#store?.getItem(this.#key) ?? "null");
      this.#store?.removeItem(this.#key);
      return isSeen(seen) && seen.epoch === epoch ? seen : null;
    } catch {
      return null; // storage is forbidden, or holds something else
    }
  }

  /** @param {Seen} seen */
  keep(seen) {
    try {
      this.#store?.setItem(this.#key, JSON.stringify(seen));
    } catch {
      // Storage is full or forbidden: a reload shows no mark.
    }
  }

  /** Keep nothing from now on: this visitor cannot return to the room. */
  end() {
    try {
      this.#store?.removeItem(this.#key);
    } catch {
      // Nothing was kept.
    }
    this.#store = null;
  }
}

/** @param {any} seen */
function isSeen(seen) {
  const numbers = [seen?.seq, seen?.mark?.after ?? 0, seen?.mark?.first ?? 0];
  return numbers.every(Number.isSafeInteger) && (seen.mark === undefined || "first" in seen.mark);
}
