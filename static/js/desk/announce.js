/** An announcement to all rooms or to one. */

import { byId } from "../parts.js";
import { keptText } from "../text.js";

/** @typedef {import("../wire.js").DeskRoom} DeskRoom */

export class Announce {
  #form = /** @type {HTMLFormElement} */ (byId("announce"));
  #field = /** @type {HTMLTextAreaElement} */ (byId("announce-text"));
  #where = /** @type {HTMLSelectElement} */ (byId("announce-where"));
  #send = /** @type {HTMLButtonElement} */ (this.#form.querySelector("[type=submit]"));

  /** @param {(room: string | null, chat: string) => Promise<boolean>} onSend resolves to whether it was said */
  constructor(onSend) {
    this.#form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const chat = keptText(this.#field.value);
      if (!chat || this.#send.disabled) return this.#field.focus();
      this.#send.disabled = true;
      const said = await onSend(this.#where.value || null, chat);
      this.#send.disabled = false;
      if (!said) return this.#field.focus();
      if (keptText(this.#field.value) === chat) this.#field.value = "";
      if (document.activeElement === this.#field || document.activeElement === document.body) this.#send.focus(); // keys, such as that of Undo, mean something again
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
  }

  /** @param {string} [room] all, if it is not given */
  open(room = "") {
    this.#where.value = room;
    this.#field.focus();
  }

  /** @param {DeskRoom[]} rooms */
  show(rooms) {
    const [all, ...others] = this.#where.options;
    const wanted = rooms.map(({ _id, title }) => `${_id} ${title}`).join("\n");
    if (others.map(({ value, text }) => `${value} ${text}`).join("\n") === wanted) return;
    const chosen = this.#where.value;
    this.#where.replaceChildren(all, ...rooms.map(({ _id, title }) => new Option(title, _id)));
    this.#where.value = rooms.some(({ _id }) => _id === chosen) ? chosen : "";
  }
}
