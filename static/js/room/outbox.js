/**
 * The messages that were written and not yet acknowledged, in the order of writing. Kept in the browser's storage, so
 * that neither a reload nor a closed tab loses one; each under a key of its own, so that two tabs never overwrite each
 * other.
 */

/**
 * @typedef {object} Letter
 * @property {string} nonce
 * @property {string} chat
 * @property {string} [to] whom it is whispered to
 * @property {import("../wire.js").Quote} [re] what it answers
 * @property {number} at milliseconds since the epoch; no two letters of an outbox have the same
 * @property {string} [failure] why the server refused it; it is not sent again by itself
 *
 */

const PREFIX = "gifchat.outbox/";

/** How long what was written is kept, should there be no page of its room to send it. */
export const KEEP_HOURS = 24;

export class Outbox {
  /** @type {Map<string, Letter>} */
  #letters = new Map();
  #store;
  #scope;
  #latest = 0;

  /**
   * @param {Storage | null} store null, or one that throws: the letters live as long as the page
   * @param {string} scope whose letters and for which room
   */
  constructor(store, scope) {
    this.#store = store;
    this.#scope = `${PREFIX}${scope}/`;
    for (const [key, letter] of stored(store)) {
      if (key.startsWith(this.#scope)) this.#keep(letter);
    }
  }

  /** @returns {Letter[]} oldest first */
  all() {
    return [...this.#letters.values()].sort((a, b) => a.at - b.at);
  }

  /** @returns {string[]} the nonces of those that are to be sent, oldest first */
  waiting() {
    return this.all().flatMap(({ nonce, failure }) => (failure === undefined ? nonce : []));
  }

  /** @param {string} nonce */
  get(nonce) {
    return this.#letters.get(nonce);
  }

  /**
   * @param {string} nonce
   * @param {Pick<Letter, "chat" | "to" | "re">} said
   * @param {number} now milliseconds since the epoch
   * @returns {Letter}
   */
  write(nonce, { chat, to, re }, now) {
    const letter = { nonce, chat, to, re, at: Math.max(now, this.#latest + 1) };
    this.#save(letter);
    return letter;
  }

  /**
   * The server refused it.
   * @param {string} nonce
   * @param {string} failure
   */
  fail(nonce, failure) {
    const letter = this.#letters.get(nonce);
    if (letter) this.#save({ ...letter, failure });
  }

  /**
   * A refused letter is to be sent again, in its old place.
   * @param {string} nonce
   */
  retry(nonce) {
    const letter = this.#letters.get(nonce);
    if (letter) this.#save({ ...letter, failure: undefined });
  }

  /**
   * Acknowledged, or given up.
   * @param {string} nonce
   */
  remove(nonce) {
    this.#letters.delete(nonce);
    try {
      this.#store?.removeItem(this.#scope + nonce);
    } catch {
      // Without storage there was nothing to remove.
    }
  }

  /**
   * Who wrote them is another visitor to the server now.
   * @param {string} scope whose letters and for which room
   */
  move(scope) {
    const letters = this.all();
    this.clear();
    this.#scope = `${PREFIX}${scope}/`;
    for (const letter of letters) this.#save(letter);
  }

  /** The room is gone for this visitor, and all that was meant for it. */
  clear() {
    for (const nonce of [...this.#letters.keys()]) this.remove(nonce);
  }

  /** @param {Letter} letter */
  #save(letter) {
    this.#keep(letter);
    try {
      this.#store?.setItem(this.#scope + letter.nonce, JSON.stringify(letter));
    } catch {
      // Storage is full or forbidden: the letter still goes out from this page.
    }
  }

  /** @param {Letter} letter */
  #keep(letter) {
    this.#letters.set(letter.nonce, letter);
    this.#latest = Math.max(this.#latest, letter.at);
  }

  /**
   * Remove what was written so long ago that its room must be gone: not of this room, which is there, and whose letters
   * may look old only because the clock was set.
   * @param {number} now milliseconds since the epoch
   */
  sweep(now) {
    for (const [key, letter] of stored(this.#store)) {
      if (now - letter.at > KEEP_HOURS * 3_600_000 && !key.startsWith(this.#scope)) this.#store?.removeItem(key);
    }
  }
}

/**
 * @param {Storage | null} store
 * @returns {[string, Letter][]} all letters in it, of every room
 */
function stored(store) {
  try {
    const keys = Array.from({ length: store?.length ?? 0 }, (_, index) => store?.key(index) ?? "");
    return keys
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => {
        const letter = parse(store?.getItem(key) ?? "");
        return letter ? [/** @type {[string, Letter]} */ ([key, letter])] : [];
      });
  } catch {
    return []; // the browser forbids its storage
  }
}

/**
 * @param {string} text
 * @returns {Letter | null} null for what no outbox has written
 */
function parse(text) {
  try {
    const { nonce, chat, at } = JSON.parse(text);
    const whole = typeof nonce === "string" && typeof chat === "string" && typeof at === "number";
    return whole ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
