/** The recipient of the next whisper, shown above the form until cleared. */

import { composing } from "../composing.js";
import { byId, part } from "../parts.js";
import { fillChip } from "../who.js";

export class Recipient {
  #bar = byId("recipient");
  /** @type {string | undefined} */
  #user;
  #draft;
  #onChosen;

  /**
   * @param {HTMLFormElement} form
   * @param {import("./draft.js").Draft} draft
   * @param {(user: string | undefined) => void} onChosen
   */
  constructor(form, draft, onChosen) {
    this.#draft = draft;
    this.#onChosen = onChosen;
    this.choose(draft.written.to);
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    part(this.#bar, "clear").addEventListener("click", () => {
      this.choose(undefined);
      chat.focus();
    });
    chat.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !composing(event)) this.choose(undefined);
    });
  }

  /** The chosen user, or undefined for everybody. */
  get user() {
    return this.#user;
  }

  /** @param {string | undefined} user */
  choose(user) {
    this.#user = user;
    this.#draft.keep({ to: user });
    this.#onChosen(user);
    this.#bar.hidden = user === undefined;
    if (user !== undefined) fillChip(this.#bar, user);
  }
}
