/** #actions: the menu of actions on one record, and the buttons on its line that act directly. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { Said } from "./said.js";

/**
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./confirm.js").Confirm} Confirm
 *
 * @typedef {object} MenuListener
 * @property {() => boolean} owns whether this visitor owns the room
 * @property {(said: Said) => void} onReply
 * @property {(said: Said) => void} onEdit
 * @property {(seq: number) => void} onOriginal show the record that a reply answers
 * @property {(trouble: string) => void} onTrouble
 */

export class Menu {
  #dialog = /** @type {HTMLDialogElement} */ (byId("actions"));
  #form = /** @type {HTMLFormElement} */ (this.#dialog.querySelector("form"));
  #field = /** @type {HTMLInputElement} */ (byId("emoji"));
  #trouble = part(this.#dialog, "trouble");
  #list;
  #changes;
  #confirm;
  #choices;
  /** @type {Said | null} */
  #said = null;

  /**
   * @param {HTMLElement} list of lines
   * @param {Changes} changes
   * @param {Confirm} confirm
   * @param {MenuListener} choices
   */
  constructor(list, changes, confirm, choices) {
    this.#list = list;
    this.#changes = changes;
    this.#confirm = confirm;
    this.#choices = choices;
    list.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    this.#dialog.addEventListener("click", ({ target }) => this.#chosen(/** @type {HTMLElement} */ (target)));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#react(this.#field.value.trim());
    });
  }

  close() {
    this.#dialog.close();
  }

  /** @param {Element} target */
  #clicked(target) {
    // Touch screens cannot hover: a touched line shows its button.
    for (const line of this.#list.querySelectorAll(".touched")) line.classList.remove("touched");
    const said = Said.around(target);
    if (!said) return;
    target.closest("[data-id]")?.classList.add("touched");
    const button = /** @type {HTMLElement | null} */ (target.closest("button"));
    if (button?.dataset.part === "more") this.#open(said);
    if (button?.dataset.action === "original") this.#choices.onOriginal(Number(button.dataset.originalSeq));
    if (button?.dataset.action === "react") this.#press(said, button.dataset.emoji ?? "");
  }

  /** @param {Said} said */
  #open(said) {
    this.#said = said;
    this.#field.value = this.#trouble.textContent = "";
    for (const button of this.#dialog.querySelectorAll("button")) {
      const { action, emoji } = button.dataset;
      if (emoji) button.setAttribute("aria-pressed", String(said.given(emoji)));
      if (action === "edit") button.hidden = !said.editable;
      if (action === "delete") button.hidden = said.bySystem || !(said.mine || this.#choices.owns());
    }
    this.#dialog.showModal();
  }

  /** @param {HTMLElement} target */
  #chosen(target) {
    const button = target.closest("button");
    const said = this.#said;
    if (target === this.#dialog) return this.close();
    if (!button || !said || button.type === "submit") return;
    const { action, emoji } = button.dataset;
    if (emoji) return void this.#react(emoji);
    this.close();
    if (action === "reply") this.#choices.onReply(said);
    if (action === "edit") this.#choices.onEdit(said);
    if (action === "delete") {
      this.#confirm.ask({
        question: t("js.delete.question"),
        yes: t("js.delete.yes"),
        action: () => this.#changes.delete(said.id),
      });
    }
  }

  /**
   * React from the menu, which shows errors.
   * @param {string} emoji
   */
  async #react(emoji) {
    const said = this.#said;
    if (!emoji || !said) return;
    const trouble = await this.#toggle(said, emoji);
    if (said !== this.#said) return; // closed, and opened for another record
    this.#trouble.textContent = trouble ?? "";
    if (trouble === null) this.close();
  }

  /**
   * @param {Said} said
   * @param {string} emoji
   * @returns {Promise<string | null>} what went wrong
   */
  async #toggle(said, emoji) {
    const on = !said.given(emoji);
    const trouble = await this.#changes.react(said.id, emoji, on);
    if (trouble === null) said.mark(emoji, on);
    return trouble;
  }

  /**
   * React from the line itself.
   * @param {Said} said
   * @param {string} emoji
   */
  async #press(said, emoji) {
    const trouble = await this.#toggle(said, emoji);
    if (trouble !== null) this.#choices.onTrouble(trouble);
  }
}
