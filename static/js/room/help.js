/** #help: what can be typed in a room. Only its reader sees it. */

import { byId } from "../parts.js";

export default class Help {
  #dialog = /** @type {HTMLDialogElement} */ (byId("help"));

  constructor() {
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
  }

  show() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}
