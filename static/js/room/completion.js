/**
 * What can be written next, in a list above a text field. The list is loaded with the first letter, or when idle.
 *
 * Whatever is to be completed is a source: `composer.completion.add({ label, find, onPick })`, see `OfferSource` in
 * suggestions.js.
 */

import { whenIdle } from "../idle.js";

/** @typedef {import("./suggestions.js").OfferSource} OfferSource */

export class Completion {
  #field;
  /** @type {OfferSource[]} */
  #sources = [];
  /** @type {import("./completion_list.js").default | null} */
  #list = null;
  #loading = false;

  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this.#field = field;
    field.addEventListener("input", () => this.#load());
    whenIdle(() => this.#load());
  }

  /** @param {OfferSource} source after those added before it */
  add(source) {
    this.#sources.push(source);
    this.#list?.add(source);
  }

  get open() {
    return this.#list?.open ?? false;
  }

  /** The text, the caret or what a source offers has changed. */
  update() {
    this.#list?.update();
  }

  /** @returns {boolean} whether the list was open, so that its active item was written */
  pick() {
    return this.#list?.pick() ?? false;
  }

  async #load() {
    if (this.#loading || this.#list) return;
    this.#loading = true;
    try {
      const { default: CompletionList } = await import("./completion_list.js");
      this.#list = new CompletionList(this.#field);
      for (const source of this.#sources) this.#list.add(source);
      this.#list.update();
    } catch {
      // Offline: it is tried again with the next letter.
    }
    this.#loading = false;
  }
}
