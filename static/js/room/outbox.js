/**
 * The messages not yet acknowledged, in the order of writing. Kept in localStorage, so that neither a reload nor a
 * closed tab loses one; each under a key of its own, so that two tabs never overwrite each other.
 */

/**
 * @typedef {object} Letter
 * @property {string} nonce
 * @property {string} chat
 * @property {string} [to] the recipient of a whisper
 * @property {import("../wire.js").Quote} [re] what it answers
 * @property {number} at milliseconds since the epoch; unique within an outbox
 * @property {string} [failure] why the server refused it; it is not retried automatically
 */

const PREFIX = "gifchat.outbox/";

/** How long letters of other rooms are kept until a page of their room sends them. */
export const KEEP_HOURS = 24;

export class Outbox {
  /** @type {Map<string, Letter>} */
  #letters = new Map();
  #store;
  #scope;
  #latest = 0;

  /**
   * @param {Storage | null} store if it is null or throws, the letters last as long as the page
   * @param {string} scope room and visitor
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

  /** @returns {string[]} the nonces of the letters to send, oldest first */
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
   * Send a refused letter again, in its old place.
   * @param {string} nonce
   */
  retry(nonce) {
    const letter = this.#letters.get(nonce);
    if (letter) this.#save({ ...letter, failure: undefined });
  }

  /**
   * The letter was acknowledged or discarded.
   * @param {string} nonce
   */
  remove(nonce) {
    this.#letters.delete(nonce);
    try {
      this.#store?.removeItem(this.#scope + nonce);
    } catch {
      // Without storage there is nothing to remove.
    }
  }

  /**
   * The server has given their writer another colour.
   * @param {string} scope room and visitor
   */
  move(scope) {
    const letters = this.all();
    this.clear();
    this.#scope = `${PREFIX}${scope}/`;
    for (const letter of letters) this.#save(letter);
  }

  /** Remove all letters: this visitor cannot return to the room. */
  clear() {
    for (const nonce of [...this.#letters.keys()]) this.remove(nonce);
  }

  /** @param {Letter} letter */
  #save(letter) {
    this.#keep(letter);
    try {
      this.#store?.setItem(this.#scope + letter.nonce, JSON.stringify(letter));
    } catch {
      // Storage is full or forbidden: this page still sends the letter.
    }
  }

  /** @param {Letter} letter */
  #keep(letter) {
    this.#letters.set(letter.nonce, letter);
    this.#latest = Math.max(this.#latest, letter.at);
  }

  /**
   * Remove letters so old that their room must be gone. Not those of this room, which exists: they may look old only
   * because the clock was changed.
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
 * @returns {[string, Letter][]} the letters of all rooms, by key
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
    return []; // storage is forbidden
  }
}

/**
 * @param {string} text
 * @returns {Letter | null} null if it is not a letter
 */
function parse(text) {
  try {
    const { nonce, chat, at } = JSON.parse(text);
    const valid = typeof nonce === "string" && typeof chat === "string" && typeof at === "number";
    return valid ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
