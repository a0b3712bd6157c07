/** Who is writing just now, and when to tell the others that one is oneself. Pure: the time is passed in. */

const SHOWN_MS = 4000;
const TELL_EVERY_MS = 2000;

export class Typists {
  /** @type {Map<string, number>} user → until when they count as writing, in the order of beginning */
  #until = new Map();

  /**
   * @param {string} user
   * @param {number} now milliseconds
   */
  wrote(user, now) {
    this.#until.set(user, now + SHOWN_MS);
  }

  /** @param {string} user who has said it, or is gone */
  stopped(user) {
    this.#until.delete(user);
  }

  /**
   * @param {number} now milliseconds
   * @returns {string[]} who is writing
   */
  at(now) {
    for (const [user, until] of this.#until) if (until <= now) this.#until.delete(user);
    return [...this.#until.keys()];
  }

  /** When the first of them stops counting as writing, or Infinity. */
  get nextEnd() {
    return Math.min(...this.#until.values());
  }
}

/** Lets something through, and then nothing more for two seconds. */
export class Pulse {
  #next = -Infinity;

  /**
   * @param {number} now milliseconds
   * @returns {boolean} whether to go ahead
   */
  due(now) {
    if (now < this.#next) return false;
    this.#next = now + TELL_EVERY_MS;
    return true;
  }
}
