/** The notice that the server cannot be reached, and since when. */

import { timeOfDay } from "./when.js";

export class Offline {
  #sign;
  #text;

  /**
   * @param {HTMLElement} sign
   * @param {(since: string) => string} text for a time of day
   */
  constructor(sign, text) {
    this.#sign = sign;
    this.#text = text;
  }

  /** Every failed attempt calls this; the time of the first one stays. */
  begin() {
    if (!this.#sign.hidden) return;
    this.#sign.hidden = false;
    this.#sign.textContent = this.#text(timeOfDay(new Date()));
  }

  end() {
    this.#sign.hidden = true;
  }
}
