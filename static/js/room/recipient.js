/** Whom the next message is whispered to, shown above the form until it is taken back. */

import { composing } from "../composing.js";
import { byId, fillChip, part } from "../parts.js";

export class Recipient {
  #bar = byId("recipient");
  /** @type {string | undefined} */
  #user;
  #kept;
  #onChosen;

  /**
   * @param {HTMLFormElement} form
   * @param {import("./draft.js").Draft} kept
   * @param {(user: string | undefined) => void} onChosen
   */
  constructor(form, kept, onChosen) {
    this.#kept = kept;
    this.#onChosen = onChosen;
    this.choose(kept.written.to);
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    part(this.#bar, "clear").addEventListener("click", () => {
      this.choose(undefined);
      chat.focus();
    });
    chat.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !composing(event)) this.choose(undefined);
    });
  }

  /** The one chosen, undefined for everybody. */
  get user() {
    return this.#user;
  }

  /** @param {string | undefined} user */
  choose(user) {
    this.#user = user;
    this.#kept.keep({ to: user });
    this.#onChosen(user);
    this.#bar.hidden = user === undefined;
    if (user !== undefined) fillChip(this.#bar, user);
  }
}
