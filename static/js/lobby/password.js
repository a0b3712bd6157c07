/** The dialog that asks for a room's password. It posts, so that the password never appears in a URL. */

import { byId, part } from "../parts.js";
import { submitOnce } from "../submit_once.js";

export class PasswordDialog {
  #dialog = /** @type {HTMLDialogElement} */ (byId("password-dialog"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));

  constructor() {
    submitOnce(this.#form); // each wrong guess makes the next one wait longer
    this.#dialog.addEventListener("close", () => this.#form.reset());
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.#dialog.close());
  }

  /**
   * @param {string} id the room's
   * @param {string} title
   */
  ask(id, title) {
    this.#form.action = `/room/${id}/enter`;
    part(this.#dialog, "title").textContent = title;
    this.#dialog.showModal();
    this.#form.querySelector("input")?.focus();
  }
}
