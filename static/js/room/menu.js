/** #actions: the menu of a line, in a part that is loaded when it is first opened (line_actions.js). */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { copyText } from "./copy_text.js";
import { Editor } from "./editor.js";
import { EmojiUses } from "./emoji_uses.js";
import { moveFocus } from "./menu_keys.js";
import { placed } from "./placed.js";

/**
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./confirm.js").Confirm} Confirm
 * @typedef {import("./emoji_uses.js").Store} Store
 * @typedef {import("./said.js").Said} Said
 *
 * @typedef {object} MenuListener
 * @property {() => boolean} owns whether this visitor owns the room
 * @property {(said: Said) => void} onReply
 * @property {(said: Said) => void} onEmoji the picker is wanted
 */

export default class Menu {
  #dialog = /** @type {HTMLDialogElement} */ (byId("actions"));
  #atHand = /** @type {NodeListOf<HTMLElement>} */ (this.#dialog.querySelectorAll("[data-emoji]"));
  #trouble = part(this.#dialog, "trouble");
  #changes;
  #confirm;
  #listener;
  #uses;
  /** @type {Said | null} */
  #said = null;

  editor;

  /**
   * @param {Changes} changes
   * @param {Confirm} confirm
   * @param {Store | null} store
   * @param {MenuListener} listener
   */
  constructor(changes, confirm, store, listener) {
    this.#changes = changes;
    this.#confirm = confirm;
    this.#listener = listener;
    this.#uses = new EmojiUses(store, Array.from(this.#atHand, ({ dataset }) => dataset.emoji ?? ""));
    this.editor = new Editor(changes);
    this.#dialog.addEventListener("click", ({ target }) => this.#chosen(/** @type {HTMLElement} */ (target)));
    this.#dialog.addEventListener("keydown", (event) => moveFocus(event, this.#dialog));
  }

  get isOpen() {
    return this.#dialog.open;
  }

  close() {
    this.#dialog.close();
  }

  /** @param {string} trouble */
  tell(trouble) {
    this.#trouble.textContent = trouble;
  }

  /**
   * @param {Said} said
   * @param {HTMLElement} more its line's button
   * @param {Element} at what it opens beside
   */
  open(said, more, at) {
    if (!more.isConnected) return; // gone while this was loaded
    this.#said = said;
    this.#trouble.textContent = "";
    for (const [at, emoji] of this.#uses.atHand.entries()) {
      this.#atHand[at].dataset.emoji = this.#atHand[at].textContent = emoji;
    }
    const readOnly = document.querySelector("[data-read-only]") !== null;
    if (readOnly && !said.chat) return; // there is nothing to do with it
    for (const button of this.#dialog.querySelectorAll("button")) {
      const { action, emoji } = button.dataset;
      if (emoji) button.setAttribute("aria-pressed", String(said.given(emoji)));
      if (action === "copy") button.hidden = !said.chat;
      if (action === "edit") button.hidden = !said.editable;
      if (action === "delete") button.hidden = said.bySystem || !(said.mine || this.#listener.owns());
      if (readOnly && action !== "copy") button.hidden = true;
    }
    // It gives the focus back to what had it; a long press had none.
    if (!more.closest("[data-id]")?.contains(document.activeElement)) more.focus({ preventScroll: true });
    if (!this.isOpen) this.#dialog.showModal();
    const { left, top } = placed(at.getBoundingClientRect(), this.#dialog.getBoundingClientRect(), {
      width: document.documentElement.clientWidth,
      height: document.documentElement.clientHeight,
    });
    this.#dialog.style.setProperty("--left", `${left}px`);
    this.#dialog.style.setProperty("--top", `${top}px`);
  }

  /** @param {HTMLElement} target */
  async #chosen(target) {
    const button = target.closest("button");
    const said = this.#said;
    if (target === this.#dialog) return this.close();
    if (!button || !said) return;
    const { action, emoji } = button.dataset;
    if (action === "emoji") return this.#listener.onEmoji(said);
    if (action === "copy" && !(await copyText(said.chat, this.#dialog))) {
      this.#trouble.textContent = t("js.viewer.copied_nothing");
      return;
    }
    this.close();
    if (emoji) this.#react(said, emoji);
    if (action === "reply") this.#listener.onReply(said);
    if (action === "edit") this.editor.open(said);
    if (action === "delete") {
      this.#confirm.ask({
        question: t("js.delete.question"),
        yes: t("js.delete.yes"),
        action: async () => {
          this.#changes.delete(said.id);
          return null;
        },
      });
    }
  }

  /**
   * @param {Said} said
   * @param {string} emoji
   */
  #react(said, emoji) {
    if (!said.given(emoji)) this.#uses.add(emoji);
    this.#changes.toggle(said, emoji);
  }
}
