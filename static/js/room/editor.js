/** #edit: the dialog for editing one's own message. Separate from the composer, so that its text is left alone. */

import { byId, part } from "../parts.js";
import { keptText } from "../text.js";
import { t } from "../texts.js";
import { tooLong } from "./composer.js";
import { sendByEnter } from "./keyboard.js";

/**
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./said.js").Said} Said
 */

export class Editor {
  #dialog = /** @type {HTMLDialogElement} */ (byId("edit"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
  #field = /** @type {HTMLTextAreaElement} */ (byId("edit-text"));
  #trouble = part(this.#dialog, "trouble");
  #changes;
  /** @type {{id: string, chat: string}} */
  #edited = { id: "", chat: "" };

  /** @param {Changes} changes */
  constructor(changes) {
    this.#changes = changes;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#field.addEventListener("input", () => (this.#trouble.textContent = ""));
    sendByEnter(this.#field, () => this.#form.requestSubmit());
  }

  /** @returns {string} the edited text, if the dialog is open */
  get unsaved() {
    const text = keptText(this.#field.value);
    return this.#dialog.open && text !== this.#edited.chat ? text : "";
  }

  /** @param {Said} said the visitor's own message */
  open({ id, chat }) {
    this.#edited = { id, chat };
    this.#field.value = chat;
    this.#trouble.textContent = "";
    this.#dialog.showModal();
    this.#field.focus();
  }

  close() {
    this.#dialog.close();
  }

  #submit() {
    const { id, chat } = this.#edited;
    const text = keptText(this.#field.value);
    if (text === chat) return this.close();
    const wrong = text ? tooLong(text) : t("js.error.empty_chat");
    this.#trouble.textContent = wrong ?? "";
    if (wrong) return;
    this.#changes.edit(id, text);
    this.close();
  }
}
