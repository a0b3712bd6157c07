/** The emoji of the picker: groups of buttons, one of which can be reached by Tab and the others by arrows. */

import { copyOf } from "../../parts.js";
import { bare } from "./catalogue.js";
import { moved } from "./grid_keys.js";

/**
 * @typedef {import("./catalogue.js").Emoji} Emoji
 *
 * @typedef {object} GridListener
 * @property {(emoji: string) => void} onChosen
 * @property {() => void} onLeft upwards
 * @property {(letter: string) => void} onTyped on an emoji, where it is a search
 */

/** More are not looked at, but another word is written. */
const MOST_FOUND = 120;

export class EmojiGrid {
  #root;
  #sections;
  #found;
  #searching = false;
  #blank = copyOf("emoji-template");
  #listener;
  /** @type {Map<string, Emoji>} */
  #known = new Map();
  /** @type {(emoji: string) => string} */
  #toned = (emoji) => emoji;
  /** @type {HTMLElement | null} the button that Tab reaches */
  #current = null;

  /**
   * @param {HTMLElement} root
   * @param {GridListener} listener
   */
  constructor(root, listener) {
    this.#root = root;
    this.#listener = listener;
    this.#sections = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-part="group"]')]);
    this.#found = /** @type {HTMLElement} */ (root.querySelector('[data-part="found"]'));
    root.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".emoji"));
      if (button) listener.onChosen(button.textContent ?? "");
    });
    root.addEventListener("keydown", (event) => this.#pressed(event));
    root.addEventListener("pointerover", ({ target }) => {
      const button = /** @type {HTMLElement} */ (target);
      if (button.matches(".emoji")) button.title = button.getAttribute("aria-label") ?? "";
    });
    root.addEventListener("focusin", ({ target }) => this.#reach(/** @type {HTMLElement} */ (target)));
  }

  /**
   * Draw one group after the other, so that a slow phone stays responsive.
   * @param {Emoji[][]} groups
   */
  async draw(groups) {
    for (const one of groups.flat()) this.#known.set(one.emoji, one);
    for (const [at, group] of groups.entries()) {
      this.#fill(this.#sections[at + 1], group.map((one) => this.#buttonOf(one)));
      if (this.#searching) this.#sections[at + 1].hidden = true;
      await new Promise((drawn) => setTimeout(drawn));
    }
  }

  /** @param {string[]} emoji as they were used, skin tones included */
  recent(emoji) {
    this.#fill(this.#sections[0], emoji.map((text) => this.#plainButton(text)));
    this.#root.scrollTop = 0;
    this.#reach(this.#shown[0]?.[0]);
  }

  /** @param {Emoji[] | null} emoji those to show alone; null shows the groups */
  found(emoji) {
    this.#searching = emoji !== null;
    this.#fill(this.#found, (emoji ?? []).slice(0, MOST_FOUND).map((one) => this.#buttonOf(one)));
    for (const section of this.#sections) section.hidden = emoji !== null || !gridOf(section).childElementCount;
    if (emoji) this.#root.scrollTop = 0;
    this.#reach(this.#shown[0]?.[0]);
  }

  /** @param {(emoji: string) => string} toned shows those that come in skin tones */
  tone(toned) {
    this.#toned = toned;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.#root.querySelectorAll("[data-tones]"))) {
      button.textContent = toned(button.dataset.tones ?? "");
    }
  }

  /** @param {number} group */
  go(group) {
    const section = this.#sections.slice(group).find(({ hidden }) => !hidden);
    section?.scrollIntoView({ block: "start" });
    this.#reach(/** @type {HTMLElement | undefined} */ (section && gridOf(section).firstElementChild));
  }

  focus() {
    this.#current?.focus();
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (!target.matches(".emoji") || event.altKey || event.metaKey) return;
    const { key, ctrlKey } = event;
    if (key.length === 1 && key !== " " && !ctrlKey) {
      event.preventDefault();
      return this.#listener.onTyped(key);
    }
    const shown = this.#shown;
    const group = shown.findIndex((buttons) => buttons.includes(target));
    const columns = getComputedStyle(/** @type {Element} */ (target.parentElement)).gridTemplateColumns.split(" ").length;
    const place = { group, index: shown[group].indexOf(target) };
    const to = moved(shown.map(({ length }) => length), columns, place, { key, ctrlKey });
    if (!to) return;
    event.preventDefault();
    if (to === "out") this.#listener.onLeft();
    else shown[to.group][to.index].focus();
  }

  /** @returns {HTMLElement[][]} the buttons of the sections that are shown */
  get #shown() {
    const sections = [...this.#sections, this.#found].filter(({ hidden }) => !hidden);
    return sections.map((section) => /** @type {HTMLElement[]} */ ([...gridOf(section).children]));
  }

  /** @param {HTMLElement | undefined} button that Tab reaches from now on */
  #reach(button) {
    if (button && !button.matches(".emoji")) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = button ?? null;
    if (button) button.tabIndex = 0;
  }

  /**
   * @param {HTMLElement} section
   * @param {HTMLElement[]} buttons
   */
  #fill(section, buttons) {
    gridOf(section).replaceChildren(...buttons);
    section.hidden = !buttons.length;
  }

  /** @param {Emoji} one */
  #buttonOf({ emoji, tones, label }) {
    const button = this.#button(tones ? this.#toned(emoji) : emoji, label);
    if (tones) button.dataset.tones = emoji;
    return button;
  }

  /** @param {string} text */
  #plainButton(text) {
    return this.#button(text, this.#known.get(bare(text))?.label ?? text);
  }

  /**
   * @param {string} text
   * @param {string} label
   */
  #button(text, label) {
    const button = /** @type {HTMLElement} */ (this.#blank.cloneNode());
    button.textContent = text;
    button.setAttribute("aria-label", label);
    return button;
  }
}

/** @param {HTMLElement} section */
function gridOf(section) {
  return /** @type {HTMLElement} */ (section.querySelector(".emoji-grid"));
}
