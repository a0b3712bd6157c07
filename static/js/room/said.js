/** Reads a record from its line in the chat, whether the server or this page drew it. */

import { quoteOf } from "./quote.js";

/** @typedef {import("../wire.js").Quote} Quote */

/** How long one's own message can be edited, as on the server. */
const EDITABLE_MS = 15 * 60_000;

export class Said {
  #line;

  /** @param {HTMLElement} line of a record */
  constructor(line) {
    this.#line = line;
  }

  /** @param {Element} element inside a line */
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
    return this.bySystem ? "system" : (/** @type {HTMLElement | null} */ (this.#line.querySelector(".chip"))?.dataset.who ?? "");
  }

  /** Of a whisper, the other participant; undefined for messages to everybody. */
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
   * @param {boolean} on as the server accepted it; the update does not say who made the change
   */
  mark(emoji, on) {
    this.#reaction(emoji)?.setAttribute("aria-pressed", String(on));
  }

  /** The emoji that the reader has given. */
  get ownReactions() {
    const pressed = /** @type {HTMLElement[]} */ ([...this.#line.querySelectorAll('[data-emoji][aria-pressed="true"]')]);
    return pressed.map(({ dataset }) => dataset.emoji ?? "");
  }

  /** @param {string} emoji @returns {boolean} whether the reader has given it */
  given(emoji) {
    return this.#reaction(emoji)?.getAttribute("aria-pressed") === "true";
  }

  /** @param {string} emoji */
  #reaction(emoji) {
    return this.#line.querySelector(`[data-emoji="${CSS.escape(emoji)}"]`);
  }
}
