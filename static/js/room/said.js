/** Reads a record from its line in the chat, whether the server or this page drew it. */

import { quoteOf } from "./quote.js";
import { givenIn, shownIn } from "./reaction_bar.js";

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

  /** The recipient of a whisper. */
  get to() {
    return this.#line.dataset.to;
  }

  /** Of a whisper, the other participant; undefined for messages to everybody. */
  get partner() {
    const { to } = this;
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

  /** The emoji that the reader has given, as far as the server knows. */
  get ownReactions() {
    return givenIn(this.#line);
  }

  /** @param {string} emoji @returns {boolean} whether the reader has given it, or wishes so */
  given(emoji) {
    return shownIn(this.#line).some((one) => one.emoji === emoji && one.mine);
  }
}
