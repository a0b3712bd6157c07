/** What a line of the chat says of its record, whoever drew it. */

import { quoteOf } from "./quote.js";

/** @typedef {import("../wire.js").Quote} Quote */

/** As the server has it: the time in which one's own words can be changed. */
const EDITABLE_MS = 15 * 60_000;

export class Said {
  #line;

  /** @param {HTMLElement} line of a record */
  constructor(line) {
    this.#line = line;
  }

  /** @param {Element} element inside of a line */
  static around(element) {
    const line = /** @type {HTMLElement | null} */ (element.closest("[data-id]"));
    return line && new Said(line);
  }

  get id() {
    return this.#line.dataset.id ?? "";
  }

  get seq() {
    return Number(this.#line.dataset.seq);
  }

  get mine() {
    return this.#line.classList.contains("mine");
  }

  get bySystem() {
    return this.#line.classList.contains("system");
  }

  get deleted() {
    return /** @type {Quote["deleted"]} */ (this.#line.dataset.deleted);
  }

  get user() {
    return this.bySystem ? "system" : (this.#line.querySelector(".chip-name")?.textContent ?? "");
  }

  /** With whom one is alone in knowing of it; undefined when all do. */
  get partner() {
    const { to } = this.#line.dataset;
    return to !== undefined && !this.mine ? this.user : to;
  }

  get chat() {
    return this.#line.querySelector(':scope > [data-part="text"]')?.textContent ?? "";
  }

  get editable() {
    const createdAt = this.#line.querySelector("time")?.dateTime ?? "";
    return this.mine && !this.deleted && Date.now() - Date.parse(createdAt) < EDITABLE_MS;
  }

  /** @returns {Quote} what a reply to it shows */
  get quote() {
    const address = this.#line.querySelector(":scope > .picture a")?.getAttribute("href");
    const { id: _id, seq, user, chat, deleted } = this;
    return quoteOf({ _id, seq, user, chat, gif: address?.split("/").at(-1), deleted });
  }

  /**
   * @param {string} emoji
   * @param {boolean} on as the server has taken it: the change is told to all alike, and may not say whose it was
   */
  mark(emoji, on) {
    this.#reaction(emoji)?.setAttribute("aria-pressed", String(on));
  }

  /** @param {string} emoji @returns {boolean} whether its reader has given it */
  given(emoji) {
    return this.#reaction(emoji)?.getAttribute("aria-pressed") === "true";
  }

  /** @param {string} emoji */
  #reaction(emoji) {
    return this.#line.querySelector(`[data-emoji="${CSS.escape(emoji)}"]`);
  }
}
