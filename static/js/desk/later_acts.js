/**
 * What is done in ten seconds unless it is taken back: for what cannot be undone once it is done. Pure but for the timer,
 * which is given.
 *
 * @typedef {object} LaterAct
 * @property {() => void} act
 * @property {() => void} onTakenBack
 * @property {unknown} timer
 */

export const UNDO_MS = 10_000;

export class LaterActs {
  /** @type {Map<string, LaterAct>} by what they do */
  #waiting = new Map();
  #start;
  #stop;

  /**
   * @param {(act: () => void, ms: number) => unknown} start
   * @param {(timer: any) => void} stop
   */
  constructor(start, stop) {
    this.#start = start;
    this.#stop = stop;
  }

  /** How much is still to be done. */
  get size() {
    return this.#waiting.size;
  }

  /** @param {string} key */
  has(key) {
    return this.#waiting.has(key);
  }

  /**
   * @param {string} key what it does: the same again changes nothing
   * @param {() => void} act
   * @param {() => void} [onTakenBack]
   * @returns {boolean} whether it was not waiting yet
   */
  add(key, act, onTakenBack = () => {}) {
    if (this.#waiting.has(key)) return false;
    this.#waiting.set(key, { act, onTakenBack, timer: this.#start(() => this.#run(key), UNDO_MS) });
    return true;
  }

  /**
   * @param {string} key
   * @returns {boolean} whether it was still time
   */
  takeBack(key) {
    const waiting = this.#waiting.get(key);
    if (!waiting) return false;
    this.drop(key);
    waiting.onTakenBack();
    return true;
  }

  /** @param {string} key of what is done already, or of something that is gone */
  drop(key) {
    this.#stop(this.#waiting.get(key)?.timer);
    this.#waiting.delete(key);
  }

  /** Do all of it now: the page is being left. */
  runAll() {
    for (const key of [...this.#waiting.keys()]) this.#run(key);
  }

  /** @param {string} key */
  #run(key) {
    const waiting = this.#waiting.get(key);
    this.drop(key);
    waiting?.act();
  }
}
