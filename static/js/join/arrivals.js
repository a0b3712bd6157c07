/** Notices when nobody manages to join, so that the page can suggest what may be wrong. */

const PATIENCE_MS = 60_000;

export class Arrivals {
  #since;
  #anyone;

  /**
   * @param {number} now in ms
   * @param {number} people from other machines
   */
  constructor(now, people) {
    this.#since = now;
    this.#anyone = people > 0;
  }

  /**
   * Whether nobody has come for PATIENCE_MS.
   * @param {number} now
   * @param {number} people
   */
  troubled(now, people) {
    this.#anyone ||= people > 0;
    return !this.#anyone && now - this.#since >= PATIENCE_MS;
  }
}
