/**
 * Reads the chat by keyboard: the list of lines is one stop of the Tab key, at the last line or where the reader is; the
 * arrow keys, Home and End move from line to line. A line that has the focus is labelled with all that it says.
 */

import { part } from "../parts.js";
import { t } from "../texts.js";
import { timeOfDay } from "../when.js";

/** @type {Record<string, (at: number, last: number) => number>} */
const MOVES = {
  ArrowUp: (at) => Math.max(0, at - 1),
  ArrowDown: (at, last) => Math.min(last, at + 1),
  Home: () => 0,
  End: (_at, last) => last,
};

const ITEMS = ":scope > :is([data-seq], [data-nonce], .fold):not(.folded)";

export class Roving {
  #list;
  /** @type {HTMLElement | null} */
  #stop = null;

  /** @param {HTMLElement} list of lines */
  constructor(list) {
    this.#list = list;
    list.addEventListener("keydown", (event) => this.#pressed(event));
    list.addEventListener("focusin", ({ target }) => this.#entered(/** @type {HTMLElement} */ (target)));
    list.addEventListener("focusout", ({ target }) => {
      const line = /** @type {HTMLElement} */ (target);
      if (isLine(line, list)) line.removeAttribute("aria-label");
    });
    this.update();
  }

  /** Lines were added or removed. */
  update() {
    if (this.#stop?.parentElement === this.#list && this.#stop.contains(document.activeElement)) return;
    let last = this.#list.lastElementChild;
    while (last && (!isLine(last, this.#list) || last.classList.contains("folded"))) last = last.previousElementSibling;
    this.#stopAt(/** @type {HTMLElement | null} */ (last));
  }

  /** @param {HTMLElement | null} line */
  #stopAt(line) {
    if (line === this.#stop) return;
    this.#stop?.removeAttribute("tabindex");
    this.#stop = line;
    if (line) line.tabIndex = 0;
  }

  /** @param {HTMLElement} target that has the focus now */
  #entered(target) {
    if (!isLine(target, this.#list)) return;
    this.#stopAt(target);
    target.tabIndex = 0;
    target.setAttribute("aria-label", spoken(target));
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === " " && target.dataset.part === "open") {
      const button = /** @type {HTMLElement | null} */ (target.parentElement?.querySelector(".play:not([hidden])"));
      if (!button) return;
      event.preventDefault();
      return button.click();
    }
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const items = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(ITEMS)]);
    const at = items.findIndex((item) => item.contains(target));
    const item = items[move(at, items.length - 1)];
    if (item.matches(".fold")) return part(item, "fold").focus();
    if (item.tabIndex < 0) item.tabIndex = -1; // can be focused from now on
    item.focus();
  }
}

/**
 * @param {Element} element
 * @param {Element} list
 */
function isLine(element, list) {
  const { seq, nonce } = /** @type {HTMLElement} */ (element).dataset;
  return element.parentElement === list && (seq !== undefined || nonce !== undefined);
}

/** What a line consists of, in the order in which it is read. */
const PARTS = ["chip-name", "whisper", "quote", "text", "deleted", "image", "edited", "reactions", "delivery-state", "change-state", "time"];

/**
 * @param {HTMLElement} line
 * @returns {string} who said what, when, and what became of it
 */
function spoken(line) {
  const texts = PARTS.flatMap((name) => {
    if (name === "chip-name" && line.matches(".mine")) return t("js.heard.me");
    const element = line.querySelector(name === "chip-name" ? ".byline .chip-name" : `[data-part="${name}"]`);
    if (element instanceof HTMLImageElement) return element.alt;
    return element?.textContent?.replace(/\s+/g, " ").trim() || [];
  });
  if (line.dataset.at) texts.push(timeOfDay(new Date(line.dataset.at)));
  return texts.filter(Boolean).join(", ");
}
