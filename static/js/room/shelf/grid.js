/** A grid of GIFs to choose from: still until pointed at, navigated with the arrow keys. */

import { isStill } from "../../motion.js";
import { copyOf, part } from "../../parts.js";

/**
 * @typedef {import("../uploads.js").Gif} Gif
 *
 * @typedef {object} Choice
 * @property {Gif} gif
 * @property {string} label what it shows
 * @property {string} still the address of its still
 * @property {string} moving the address of the GIF itself
 */


export class GifGrid {
  #list;
  #onLeft;
  #onChosen;
  /** @type {HTMLButtonElement[]} */
  #buttons = [];

  /**
   * @param {HTMLElement} list
   * @param {object} listener
   * @param {(gif: Gif) => void} listener.onChosen
   * @param {() => void} listener.onLeft by ArrowUp in the first row
   */
  constructor(list, { onChosen, onLeft }) {
    this.#list = list;
    this.#onChosen = onChosen;
    this.#onLeft = onLeft;
    list.addEventListener("keydown", (event) => this.#navigate(event));
  }

  /** @param {readonly Choice[]} choices */
  show(choices) {
    const items = choices.map((choice) => this.#item(choice));
    this.#buttons = items.map((item) => /** @type {HTMLButtonElement} */ (part(item, "choose")));
    this.#makeCurrent(0);
    this.#list.replaceChildren(...items);
  }

  /** Focus the first GIF, if there is one. */
  focus() {
    this.#makeCurrent(0)?.focus();
  }

  /** @param {Choice} choice */
  #item({ gif, label, still, moving }) {
    const item = copyOf("shelf-gif-template");
    const button = part(item, "choose");
    const picture = /** @type {HTMLImageElement} */ (part(item, "picture"));
    button.title = label;
    picture.alt = label;
    picture.width = gif.width;
    picture.height = gif.height;
    picture.src = still;
    part(item, "flashing").hidden = !gif.flashes;
    const move = () => {
      const address = !isStill() && button.matches(":hover, :focus-visible") ? moving : still;
      if (picture.getAttribute("src") !== address) picture.src = address;
    };
    for (const event of ["pointerenter", "pointerleave", "focus", "blur"]) button.addEventListener(event, move);
    button.addEventListener("click", () => this.#onChosen(gif));
    return item;
  }

  /**
   * Make one button the grid's only tab stop.
   * @param {number} index
   * @returns {HTMLButtonElement | undefined} the button
   */
  #makeCurrent(index) {
    for (const [at, button] of this.#buttons.entries()) button.tabIndex = at === index ? 0 : -1;
    return this.#buttons[index];
  }

  /** @param {KeyboardEvent} event */
  #navigate(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const last = this.#buttons.length - 1;
    const row = this.#buttons.filter(({ offsetTop }) => offsetTop === this.#buttons[0]?.offsetTop).length;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - row,
      // Also into a shorter last row.
      ArrowDown: Math.floor(at / row) < Math.floor(last / row) ? Math.min(at + row, last) : at,
      Home: 0,
      End: last,
    };
    const goal = goals[event.key];
    if (at < 0 || goal === undefined) return;
    event.preventDefault();
    if (event.key === "ArrowUp" && goal < 0) this.#onLeft();
    else this.#makeCurrent(Math.min(Math.max(goal, 0), last))?.focus();
  }
}
