/** The members of the room, by colour, and its owner. Pure. */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class Members {
  /** @type {Set<string>} in the order they joined */
  #present = new Set();
  #owner;
  /** @type {Set<string>} */
  #teachers = new Set();

  /** @param {string} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  get owner() {
    return this.#owner;
  }

  /** How many have a place: a teacher takes none. */
  get count() {
    return [...this.#present].filter((user) => !this.#teachers.has(user)).length;
  }

  /** @param {string} user */
  teaches(user) {
    return this.#teachers.has(user);
  }

  /**
   * @param {string[]} users everybody present, in the order they joined
   * @param {string} owner
   * @param {Record<string, "teacher">} [roles]
   */
  replace(users, owner, roles = {}) {
    this.#present = new Set(users);
    this.#teachers = new Set(Object.keys(roles));
    this.#owner = owner;
  }

  /**
   * @param {Pick<ChatRecord, "event" | "subject" | "role">} record a live one
   * @returns {boolean} whether anything changed
   */
  apply({ event, subject, role }) {
    if (!subject) return false;
    const before = { size: this.#present.size, owner: this.#owner };
    if (role) this.#teachers.add(subject);
    if (event === "join") this.#present.add(subject);
    if (event === "exit" || event === "kick") this.#present.delete(subject);
    if (event === "owner") this.#owner = subject;
    return this.#present.size !== before.size || this.#owner !== before.owner;
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
