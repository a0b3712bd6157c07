/** Tracks who is typing, and limits how often this page reports that its visitor is. Pure: the time is passed in. */

const SHOWN_MS = 4000;
const REPORT_EVERY_MS = 2000;

export class Typists {
  /** @type {Map<string, number>} user → until when they count as typing, in the order they started */
  #until = new Map();

  /**
   * @param {string} user
   * @param {number} now milliseconds
   */
  wrote(user, now) {
    this.#until.set(user, now + SHOWN_MS);
  }

  /** @param {string} user who has sent the message or left */
  stopped(user) {
    this.#until.delete(user);
  }

  /**
   * @param {number} now milliseconds
   * @returns {string[]} who is typing
   */
  at(now) {
    for (const [user, until] of this.#until) if (until <= now) this.#until.delete(user);
    return [...this.#until.keys()];
  }

  /** When the first of them stops counting as typing, or Infinity. */
  get nextEnd() {
    return Math.min(...this.#until.values());
  }
}

/** A rate limit: lets one through every REPORT_EVERY_MS. */
export class Pulse {
  #next = -Infinity;

  /**
   * @param {number} now milliseconds
   * @returns {boolean} whether to go ahead
   */
  due(now) {
    if (now < this.#next) return false;
    this.#next = now + REPORT_EVERY_MS;
    return true;
  }
}
