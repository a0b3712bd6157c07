/** Calls the teacher: a count in the tab's title and a dot in its icon, and a sound, if that is wanted. */

import { byId } from "../parts.js";
import { Sound } from "../room/alerts/sound.js";
import { TabSign } from "../room/tab_sign.js";

const KEY = "gifchat.desk.sound";

/** Between two sounds, however much happens. */
const PAUSE_MS = 3000;

export class Alarm {
  #sign = new TabSign();
  #sound = new Sound();
  #button = byId("sound-btn");
  #store;
  #heardAt = -Infinity;

  /** @param {Storage | null} store */
  constructor(store) {
    this.#store = store;
    this.#show(store?.getItem(KEY) === "on");
    if (this.#on) this.#sound.prepare();
    this.#button.addEventListener("click", () => {
      this.#show(!this.#on);
      try {
        this.#store?.setItem(KEY, this.#on ? "on" : "off");
      } catch {
        // There is no space for it; it is as wanted until the page is left.
      }
      if (this.#on) this.#sound.play(true);
    });
  }

  /** @param {number} waiting how much is to be decided */
  count(waiting) {
    this.#sign.show(waiting, 0);
  }

  /** Somebody needs something. */
  ring() {
    const now = performance.now();
    if (!this.#on || now - this.#heardAt < PAUSE_MS) return;
    this.#heardAt = now;
    this.#sound.play(true);
  }

  get #on() {
    return this.#button.getAttribute("aria-pressed") === "true";
  }

  /** @param {boolean} on */
  #show(on) {
    this.#button.setAttribute("aria-pressed", String(on));
  }
}
