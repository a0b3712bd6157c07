/**
 * The recipient of the next whispers, shown above the field until cleared.
 *
 * A whisper must never go to everybody by mistake: when its reader leaves, it is held until they return or its writer
 * decides; and Escape ends it only while nothing is written.
 */

import { composing } from "../composing.js";
import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";

export class Recipient {
  #bar = byId("recipient");
  #form;
  #chat;
  /** @type {string | undefined} */
  #user;
  /** @type {string[] | null} who else is in the room; null until that is known */
  #present = null;
  /** Whether a whisper was held since its reader left. */
  #held = false;
  #draft;
  #onChosen;

  /**
   * @param {HTMLFormElement} form
   * @param {import("./draft.js").Draft} draft
   * @param {object} listener
   * @param {(user: string | undefined) => void} listener.onChosen
   * @param {() => void} listener.onDiscard the unsent text is to be deleted
   */
  constructor(form, draft, { onChosen, onDiscard }) {
    this.#form = form;
    this.#draft = draft;
    this.#onChosen = onChosen;
    this.#chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    this.choose(draft.written.to);
    for (const name of ["clear", "everybody", "discard"]) {
      part(this.#bar, name).addEventListener("click", () => {
        if (name === "discard") onDiscard();
        this.choose(undefined);
        this.#chat.focus();
      });
    }
    this.#chat.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !composing(event) && !this.#chat.value) this.choose(undefined);
    });
  }

  /** The chosen user, or undefined for everybody. */
  get user() {
    return this.#user;
  }

  /**
   * Hold a whisper if its reader is not in the room, and tell so.
   * @param {string | undefined} user
   * @returns {boolean} whether it is held
   */
  holds(user) {
    this.#held = user !== undefined && user === this.#user && this.#gone;
    this.#show();
    return this.#held;
  }

  get #gone() {
    return this.#user !== undefined && this.#present !== null && !this.#present.includes(this.#user);
  }

  /** @param {string | undefined} user */
  choose(user) {
    this.#user = user;
    this.#draft.keep({ to: user });
    this.#onChosen(user);
    this.#show();
  }

  /** @param {string[]} users who else is in the room now */
  met(users) {
    this.#present = users;
    this.#held &&= this.#gone;
    this.#show();
  }

  #show() {
    const gone = this.#gone;
    const state = gone ? (this.#held ? "held" : "gone") : "only";
    this.#bar.hidden = this.#user === undefined;
    this.#form.classList.toggle("whispering", this.#user !== undefined);
    this.#form.classList.toggle("held", gone);
    part(this.#bar, "clear").hidden = gone;
    part(this.#bar, "choices").hidden = !gone;
    if (this.#user === undefined) return;
    fillChip(this.#bar, this.#user);
    for (const name of ["before", "after"]) {
      const text = t(`js.whisper.${state}_${name}`);
      // Written only when it changes: it is announced.
      if (part(this.#bar, name).textContent !== text) part(this.#bar, name).textContent = text;
    }
  }
}
