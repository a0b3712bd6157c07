/**
 * The desk's keys: one each, by their place on the keyboard, so that they are the same while Hangul is typed. They can be
 * turned off (WCAG 2.1.4), and are when something is written or a dialog is open.
 */

import { byId } from "../parts.js";

const KEY = "gifchat.desk.keys";

/** @typedef {"listen" | "announce" | "find" | "show" | "drop" | "waiting" | "undo" | "help"} DeskKey */

/** @type {Record<string, DeskKey>} */
const KEYS = {
  KeyL: "listen",
  KeyN: "announce",
  KeyF: "find",
  Slash: "find",
  KeyA: "show",
  KeyD: "drop",
  KeyW: "waiting",
  KeyZ: "undo",
  KeyH: "help",
};

export class Keys {
  #dialog = /** @type {HTMLDialogElement} */ (byId("desk-keys"));
  #switch = /** @type {HTMLInputElement} */ (byId("keys-on"));

  /**
   * @param {Storage | null} store
   * @param {Record<Exclude<DeskKey, "help">, () => void>} acts
   * @param {(by: number) => boolean} move by the arrow keys; returns whether something moved
   */
  constructor(store, acts, move) {
    this.#switch.checked = store?.getItem(KEY) !== "off";
    this.#switch.addEventListener("change", () => {
      try {
        store?.setItem(KEY, this.#switch.checked ? "on" : "off");
      } catch {
        // As wanted until the page is left.
      }
      this.#mark();
    });
    byId("keys-btn").addEventListener("click", () => this.#dialog.showModal());
    addEventListener("keydown", (event) => {
      if (isTaken(event) || (isCovered() && KEYS[event.code] !== "undo")) return;
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && move(by)) return event.preventDefault();
      const key = KEYS[event.code];
      if (!key || !this.#switch.checked) return;
      event.preventDefault();
      if (key === "help") this.#dialog.showModal();
      else acts[key]();
    });
    this.#mark();
  }

  /** Buttons name their keys only while these do something. */
  #mark() {
    document.documentElement.toggleAttribute("data-keys", this.#switch.checked);
  }
}

/** @returns {boolean} whether a dialog is open: what was done there can be undone there */
const isCovered = () => document.querySelector("dialog[open]") !== null;

/** @param {KeyboardEvent} event @returns {boolean} whether it is meant for something else */
function isTaken({ target, ctrlKey, altKey, metaKey, shiftKey, repeat, isComposing, defaultPrevented }) {
  if (ctrlKey || altKey || metaKey || shiftKey || repeat || isComposing || defaultPrevented) return true;
  return target instanceof Element && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}
