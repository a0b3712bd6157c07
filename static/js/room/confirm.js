/** The dialog that asks before something that cannot be taken back. */

import { byId, part } from "../parts.js";

export class Confirm {
  #dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  #trouble = part(this.#dialog, "trouble");
  #yes = /** @type {HTMLButtonElement} */ (this.#dialog.querySelector("button[type=submit]"));
  /** @type {() => Promise<string | null>} */
  #work = async () => null;
  /** @type {HTMLElement | undefined} */
  #next;

  constructor() {
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#dialog.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#go();
    });
  }

  /**
   * @param {object} what
   * @param {string} what.question as it is shown
   * @param {string} what.yes as it is shown
   * @param {() => Promise<string | null>} what.work does it, and tells what went wrong, if anything
   * @param {HTMLElement} [what.next] is focused when it is done, where the button that led here is gone by then
   */
  ask({ question, yes, work, next }) {
    part(this.#dialog, "question").textContent = question;
    this.#yes.textContent = yes;
    this.#trouble.textContent = "";
    this.#yes.disabled = false;
    this.#work = work;
    this.#next = next;
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  async #go() {
    const work = this.#work;
    this.#yes.disabled = true;
    const trouble = await work();
    if (work !== this.#work) return; // it was closed, and something else is asked
    this.#yes.disabled = false;
    if (trouble !== null) {
      this.#trouble.textContent = trouble;
      return;
    }
    // Called off meanwhile, it has given the focus back, and its reader may be writing by now.
    const focusless = this.#dialog.open || document.activeElement === document.body;
    this.close();
    if (focusless) this.#next?.focus();
  }
}
