/** How long a message may be, and when its writer is told how much is left. Pure. */

/** The server's limit. Not set as `maxlength`, which would silently truncate pasted text. */
export const MAX_CHARACTERS = 2000;

/** From here on, what is left is shown. */
const NEAR = 200;
/** It is announced when it reaches one of these, not at every letter. */
const STEPS = [NEAR, 100, 50, 20, 10, 0];

/** @param {string} text */
export function charactersIn(text) {
  // Not those of a text that cannot be near: counting takes time.
  return text.length < MAX_CHARACTERS - NEAR ? text.length : [...text].length;
}

export class Countdown {
  #step = -1;

  /**
   * @param {number} characters written
   * @returns {{left: number | null, tell: boolean}} what is left, less than 0 if there are too many, null while there is
   *   no need to know; and whether to announce it
   */
  take(characters) {
    const left = MAX_CHARACTERS - characters;
    const step = STEPS.filter((at) => left <= at).length + Number(left < 0) - 1;
    const tell = step > this.#step || (left >= 0 && this.#step === STEPS.length);
    this.#step = step;
    return { left: step < 0 ? null : left, tell: tell && step >= 0 };
  }
}
