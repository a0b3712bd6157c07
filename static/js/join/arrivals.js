/** Whether something seems to be in the way of those who want to come. */

const PATIENCE_MS = 60_000;

export class Arrivals {
  #since;
  #some;

  /**
   * @param {number} now in ms
   * @param {number} people from other machines
   */
  constructor(now, people) {
    this.#since = now;
    this.#some = people > 0;
  }

  /**
   * Whether nobody has come in all this time.
   * @param {number} now
   * @param {number} people
   */
  troubled(now, people) {
    this.#some ||= people > 0;
    return !this.#some && now - this.#since >= PATIENCE_MS;
  }
}
