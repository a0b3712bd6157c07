/**
 * What the visitor has changed in records and what is not done yet: reactions, edits and deletions. Pure.
 *
 * The page shows a wish at once. It is `waiting` without a network, `asked` until the server answers, `done` until the
 * record's new state arrives, or `failed`. Asking again is harmless: each wish says how it shall be, not what to turn.
 */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 *
 * @typedef {object} Wish
 * @property {string} id of the record
 * @property {"react" | "edit" | "delete"} kind
 * @property {string} [emoji]
 * @property {boolean} [on] whether to give it or take it back
 * @property {string} [chat] the new text
 * @property {"waiting" | "asked" | "done" | "failed"} state
 * @property {number} asks how often it was asked; an answer to an earlier asking does not count
 * @property {number} [rev] of the change, once it is done
 * @property {number} seen the record's latest `rev` since it was wished
 * @property {string} [trouble] why it failed, for people
 * @property {boolean} [unreached] it failed since there was no answer
 */

export class Wishes {
  /** @type {Map<string, Wish>} by what it changes */
  #wishes = new Map();

  get all() {
    return [...this.#wishes.values()];
  }

  /** @param {string} id @returns {Wish[]} what is wished of a record */
  of(id) {
    return this.#wishes.size ? this.all.filter((wish) => wish.id === id) : [];
  }

  /** @param {Wish} wish @returns {boolean} whether nothing else was wished in its place since, and it is not fulfilled */
  stands(wish) {
    return this.#wishes.get(keyOf(wish)) === wish;
  }

  /**
   * @param {Pick<Wish, "id" | "kind" | "emoji" | "on" | "chat">} wanted in place of an earlier wish of its kind
   * @returns {Wish | null} null if an earlier one, not asked yet, is only taken back
   */
  add(wanted) {
    const key = keyOf(wanted);
    const earlier = this.#wishes.get(key);
    this.#wishes.delete(key);
    if (wanted.kind === "react" && earlier?.asks === 0 && earlier.on !== wanted.on) return null;
    const wish = /** @type {Wish} */ ({ ...wanted, state: "waiting", asks: 0, seen: 0 });
    this.#wishes.set(key, wish);
    return wish;
  }

  /** @param {Wish} wish */
  remove(wish) {
    if (this.stands(wish)) this.#wishes.delete(keyOf(wish));
  }

  /** @param {Wish} wish @returns {number} the number of this asking */
  ask(wish) {
    wish.state = "asked";
    wish.trouble = wish.unreached = undefined;
    return ++wish.asks;
  }

  /** The network is lost: what was asked is to be asked again. */
  lost() {
    for (const wish of this.#wishes.values()) {
      if (wish.state !== "asked") continue;
      wish.state = "waiting";
      wish.asks++;
    }
  }

  /** @returns {Wish[]} what to ask now that there is a network, in the order of wishing */
  toAsk() {
    return this.all.filter(({ state, unreached }) => state === "waiting" || unreached);
  }

  /**
   * The server has done it.
   * @param {Wish} wish
   * @param {number} rev
   * @returns {boolean} whether the record's new state has arrived, so that the wish is fulfilled
   */
  done(wish, rev) {
    wish.state = "done";
    wish.rev = rev;
    return this.#fulfilled(wish);
  }

  /**
   * @param {Wish} wish
   * @param {string} trouble
   * @param {boolean} unreached
   */
  fail(wish, trouble, unreached) {
    Object.assign(wish, { state: "failed", trouble, unreached });
  }

  /**
   * A record's new state has arrived.
   * @param {Pick<ChatRecord, "_id" | "rev" | "deleted" | "chat">} record
   * @returns {Wish[]} what is fulfilled by it, or cannot be any more
   */
  told({ _id, rev = 0, deleted, chat }) {
    return this.of(_id).filter((wish) => {
      wish.seen = Math.max(wish.seen, rev);
      if (!deleted && !(wish.kind === "edit" && wish.chat === chat)) return this.#fulfilled(wish);
      this.remove(wish);
      return true;
    });
  }

  /** @param {Wish} wish */
  #fulfilled(wish) {
    const fulfilled = wish.rev !== undefined && wish.seen >= wish.rev;
    if (fulfilled) this.remove(wish);
    return fulfilled;
  }
}

/** @param {Pick<Wish, "id" | "kind" | "emoji">} wish @returns {string} that which it changes */
function keyOf({ id, kind, emoji = "" }) {
  return `${kind} ${id} ${emoji}`;
}
