/** A part of the page whose markup, texts and script are loaded when it is first opened, or before that when idle. */

import { fetchFragment, insertFragment } from "./fragments.js";

/**
 * @template Kind what the script exports by default
 * @template Part
 */
export class Later {
  #fragment;
  #load;
  #make;
  #onTrouble;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {{html: string, kind: Kind} | null} all that it is made of */
  #loaded = null;
  /** @type {((part: Part) => void) | null} */
  #waiting = null;
  /** @type {((part: Part) => void)[]} */
  #untold = [];

  /** @type {Part | undefined} what was made, once it is */
  made;

  /**
   * @param {string} fragment
   * @param {() => Promise<{default: Kind}>} load its script
   * @param {(kind: Kind) => Part} make called once, when the markup is in the page
   * @param {() => void} onTrouble it is wanted and cannot be loaded
   */
  constructor(fragment, load, make, onTrouble) {
    this.#fragment = fragment;
    this.#load = load;
    this.#make = make;
    this.#onTrouble = onTrouble;
  }

  /** Load it ahead of time. */
  prefetch() {
    this.load().catch(() => {}); // tried again when it is wanted
  }

  /**
   * Do something with the part: at once if it was loaded. Of several calls that wait for it, the last counts.
   * @param {(part: Part) => void} act
   */
  use(act) {
    if (this.#loaded) return act(this.#part(this.#loaded));
    const waits = this.#waiting !== null;
    this.#waiting = act;
    if (!waits) this.#wait();
  }

  /**
   * Do something with the part when it is loaded, after what it was told before. If it cannot be loaded, the next call
   * tries again.
   * @param {(part: Part) => void} act
   */
  tell(act) {
    this.#untold.push(act);
    this.use((part) => {
      for (const one of this.#untold.splice(0)) one(part);
    });
  }

  /** Whether it was told anything. */
  get wanted() {
    return this.made !== undefined || this.#untold.length > 0;
  }

  /** Do nothing with it after all, if it is still loading. */
  cancel() {
    this.#waiting = null;
  }

  async #wait() {
    try {
      await this.load();
    } catch {
      const cancelled = this.#waiting === null;
      this.#waiting = null;
      if (!cancelled) this.#onTrouble();
      return;
    }
    const act = this.#waiting;
    this.#waiting = null;
    if (act && this.#loaded) act(this.#part(this.#loaded));
  }

  /**
   * Load it, so that `use` need not wait.
   * @returns {Promise<void>} rejects when it cannot be loaded; the next call tries again
   */
  load() {
    this.#loading ??= Promise.all([fetchFragment(this.#fragment), this.#load()]).then(
      ([html, module]) => {
        this.#loaded = { html, kind: module.default };
      },
      (failure) => {
        this.#loading = null;
        throw failure;
      },
    );
    return this.#loading;
  }

  /** @param {{html: string, kind: Kind}} loaded */
  #part({ html, kind }) {
    if (this.made === undefined) {
      insertFragment(html);
      this.made = this.#make(kind);
    }
    return this.made;
  }
}
