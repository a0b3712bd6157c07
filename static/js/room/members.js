/** The members of the room, by colour, and its owner. Pure. */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class Members {
  /** @type {Set<string>} in the order they joined */
  #present = new Set();
  #owner;

  /** @param {string} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  get owner() {
    return this.#owner;
  }

  get count() {
    return this.#present.size;
  }

  /**
   * @param {string[]} users everybody present, in the order they joined
   * @param {string} owner
   */
  replace(users, owner) {
    this.#present = new Set(users);
    this.#owner = owner;
  }

  /**
   * @param {Pick<ChatRecord, "event" | "subject">} record a live one
   * @returns {boolean} whether anything changed
   */
  apply({ event, subject }) {
    if (!subject) return false;
    const before = { count: this.count, owner: this.#owner };
    if (event === "join") this.#present.add(subject);
    if (event === "exit" || event === "kick") this.#present.delete(subject);
    if (event === "owner") this.#owner = subject;
    return this.count !== before.count || this.#owner !== before.owner;
  }

  /**
   * @param {string} me
   * @returns {string[]} the owner, then `me`, then the others in the order they joined
   */
  inOrder(me) {
    const first = [this.#owner, me].filter((user) => this.#present.has(user));
    return [...new Set([...first, ...this.#present])];
  }

  /**
   * @param {string} me
   * @returns {string[]} everybody but `me`
   */
  others(me) {
    return [...this.#present].filter((user) => user !== me);
  }
}
