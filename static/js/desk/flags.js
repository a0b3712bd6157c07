/**
 * What waits for the teacher's decision, in the order it came, and which of it is meant by the keys. Pure.
 *
 * @typedef {object} Flag FLAG: a message that is held.
 * @property {string} held its id
 * @property {string} room
 * @property {string} user a colour
 * @property {string} [name]
 * @property {string} [seat] the label of their card
 * @property {string} [chat]
 * @property {string} [gif] a bare name under /gif/
 * @property {string} [poster] its still frame, if it moves
 * @property {"approve" | "word"} why
 * @property {string} [word] of the list
 */

export class Flags {
  /** @type {Map<string, Flag>} */
  #flags = new Map();
  /** Decided here, and carried out soon. @type {Set<string>} */
  #aside = new Set();
  /** @type {string | null} */
  #current = null;
  /** All that ever waited. @type {Set<string>} */
  #told = new Set();

  /** What is to be decided. */
  get flags() {
    return [...this.#flags.values()].filter(({ held }) => !this.#aside.has(held));
  }

  /** @returns {Flag | undefined} that which the keys mean: the first, unless the teacher has moved to another */
  get current() {
    const { flags } = this;
    return flags.find(({ held }) => held === this.#current) ?? flags[0];
  }

  /** @param {Flag} flag @returns {boolean} whether it was never told before */
  add(flag) {
    this.#flags.set(flag.held, flag);
    const before = this.#told.size;
    return this.#told.add(flag.held).size > before;
  }

  /** @param {string} held decided by whichever desk */
  remove(held) {
    this.#step(held);
    this.#flags.delete(held);
    this.#aside.delete(held);
  }

  /** @param {string} room that is gone, with all that waited there */
  removeRoom(room) {
    for (const flag of this.#flags.values()) if (flag.room === room) this.remove(flag.held);
  }

  /** Nothing is known any more: the desk is told anew of all. */
  clear() {
    this.#flags.clear();
  }

  /** @param {string} held */
  setAside(held) {
    this.#step(held);
    this.#aside.add(held);
  }

  /** @param {string} held that was set aside */
  putBack(held) {
    this.#aside.delete(held);
    if (this.#flags.has(held)) this.#current = held;
  }

  /** @param {string} held */
  choose(held) {
    this.#current = held;
  }

  /** @param {number} by how many: 1 is the next */
  move(by) {
    const { flags, current } = this;
    if (!current) return;
    const at = Math.max(0, Math.min(flags.length - 1, flags.indexOf(current) + by));
    this.#current = flags[at].held;
  }

  /** @param {string} held that is no longer to be decided: the next is current then, or the one before the last */
  #step(held) {
    const { flags, current } = this;
    if (current?.held !== held) return;
    const at = flags.indexOf(current);
    this.#current = (flags[at + 1] ?? flags[at - 1])?.held ?? null;
  }
}
