/** #name: the dialog in which visitors give themselves a name, change it or give it up. */

import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { fillChip, ownNameOf } from "../who.js";

/** Keyboards put it behind hearts and the like; no name may have what nobody can see. */
const EMOJI_STYLE = /\ufe0f/g;

export default class NameDialog {
  #dialog = /** @type {HTMLDialogElement} */ (byId("name"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
  #field = /** @type {HTMLInputElement} */ (byId("name-field"));
  #trouble = part(this.#dialog, "trouble");
  #giveUp = /** @type {HTMLButtonElement} */ (this.#dialog.querySelector('[data-action="give-up"]'));
  #link;
  #user;
  /** Counts the openings, so that a late answer to an earlier one is not shown. */
  #opened = 0;

  /**
   * @param {import("./link.js").RoomLink} link
   * @param {string} user the visitor's own colour
   */
  constructor(link, user) {
    this.#link = link;
    this.#user = user;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#field.value.replace(EMOJI_STYLE, ""));
    });
    this.#giveUp.addEventListener("click", () => this.#ask(null));
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#field.addEventListener("input", () => this.#complain(""));
  }

  open() {
    if (this.#dialog.open) return;
    this.#opened++;
    const name = ownNameOf(this.#user);
    fillChip(this.#dialog, this.#user);
    this.#field.value = name ?? "";
    this.#giveUp.hidden = name === undefined;
    this.#complain("");
    this.#wait(false);
    this.#dialog.showModal();
    this.#field.select();
  }

  close() {
    this.#dialog.close();
  }

  /** @param {string | null} name null gives it up */
  async #ask(name) {
    const opened = this.#opened;
    this.#wait(true);
    const answer = await this.#link.ask("name", { name });
    if (opened !== this.#opened) return;
    this.#wait(false);
    if (answer?.ok) return this.close();
    this.#complain(answer ? problemText(answer) : t("js.error.network"));
    this.#field.focus();
  }

  /** @param {string} text */
  #complain(text) {
    this.#trouble.textContent = text;
    if (text) this.#field.setAttribute("aria-invalid", "true");
    else this.#field.removeAttribute("aria-invalid");
  }

  /** @param {boolean} waits for an answer */
  #wait(waits) {
    for (const button of this.#form.querySelectorAll("button")) button.disabled = waits && button.dataset.action !== "cancel";
  }
}
