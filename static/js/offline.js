/** The sign that the server cannot be reached, and since when. */

import { timeOfDay } from "./when.js";

export class Offline {
  #sign;
  #text;

  /**
   * @param {HTMLElement} sign
   * @param {(since: string) => string} text what it says, of a time of day
   */
  constructor(sign, text) {
    this.#sign = sign;
    this.#text = text;
  }

  /** Nothing new when it is told already: each attempt that fails tells again. */
  begin() {
    if (!this.#sign.hidden) return;
    this.#sign.hidden = false;
    this.#sign.textContent = this.#text(timeOfDay(new Date()));
  }

  end() {
    this.#sign.hidden = true;
  }
}
