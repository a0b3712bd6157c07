/** The dialog that asks for confirmation before an action that cannot be undone. */

import { byId, part } from "../parts.js";

export class Confirm {
  #dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  #trouble = part(this.#dialog, "trouble");
  #yes = /** @type {HTMLButtonElement} */ (this.#dialog.querySelector("button[type=submit]"));
  /** @type {() => Promise<string | null>} */
  #action = async () => null;
  /** @type {HTMLElement | undefined} */
  #focusAfter;

  constructor() {
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#dialog.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
  }

  /**
   * @param {object} what
   * @param {string} what.question
   * @param {string} what.yes the label of the button that confirms
   * @param {() => Promise<string | null>} what.action resolves to what went wrong, if anything
   * @param {HTMLElement} [what.focusAfter] gets the focus afterwards if the button that opened the dialog is gone
   */
  ask({ question, yes, action, focusAfter }) {
    part(this.#dialog, "question").textContent = question;
    this.#yes.textContent = yes;
    this.#trouble.textContent = "";
    this.#yes.disabled = false;
    this.#action = action;
    this.#focusAfter = focusAfter;
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  async #go() {
    const action = this.#action;
    this.#yes.disabled = true;
    const trouble = await action();
    if (action !== this.#action) return; // closed, and opened for another question
    this.#yes.disabled = false;
    if (trouble !== null) {
      this.#trouble.textContent = trouble;
      return;
    }
    // If it was cancelled meanwhile, the focus has been restored and the reader may be typing elsewhere.
    const focusless = this.#dialog.open || document.activeElement === document.body;
    this.close();
    if (focusless) this.#focusAfter?.focus();
  }
}
