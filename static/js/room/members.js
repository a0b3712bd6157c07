// @ts-check
/** Who is in the room, as colours. Pure. */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class Members {
  /** @type {Set<string>} */
  #present = new Set();

  /** @param {string[]} users everybody present, as a join's answer lists them */
  replace(users) {
    this.#present = new Set(users);
  }

  /**
   * @param {ChatRecord} record a live one
   * @returns {boolean} whether somebody came or went by it
   */
  apply({ event, subject }) {
    if (!subject) return false;
    const before = this.#present.size;
    if (event === "join") this.#present.add(subject);
    if (event === "exit" || event === "kick") this.#present.delete(subject);
    return this.#present.size !== before;
  }

  get count() {
    return this.#present.size;
  }
}
