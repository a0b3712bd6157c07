/**
 * #actions: the menu of actions on one record. The same one opens by the button of a line, by a long press on it, and by
 * keyboard; the reactions below a line act directly.
 */

import { Later } from "../later.js";
import { byId, part } from "../parts.js";
import { t } from "../texts.js";
import { copyText } from "./copy_text.js";
import { EmojiUses } from "./emoji_uses.js";
import { moveFocus, opensMenu } from "./menu_keys.js";
import { placed } from "./placed.js";
import { Said } from "./said.js";

/**
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./confirm.js").Confirm} Confirm
 * @typedef {import("./emoji/emoji_picker.js").default} EmojiPicker
 * @typedef {import("./emoji_uses.js").Store} Store
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
  #atHand = /** @type {NodeListOf<HTMLElement>} */ (this.#dialog.querySelectorAll("[data-emoji]"));
  #trouble = part(this.#dialog, "trouble");
  #list;
  #changes;
  #confirm;
  #choices;
  #uses;
  /** @type {Later<new (uses: EmojiUses) => EmojiPicker, EmojiPicker>} */
  #picker = new Later(
    "emoji",
    () => import("./emoji/emoji_picker.js"),
    (Picker) => new Picker(this.#uses),
    () => this.#tell(t("js.error.network")),
  );
  /** The browser's own menu for the key that has opened this one is still to come. */
  #byKey = false;
  /** @type {Said | null} */
  #said = null;

  /**
   * @param {HTMLElement} list of lines
   * @param {Changes} changes
   * @param {Confirm} confirm
   * @param {Store | null} store
   * @param {MenuListener} choices
   */
  constructor(list, changes, confirm, store, choices) {
    this.#list = list;
    this.#changes = changes;
    this.#confirm = confirm;
    this.#choices = choices;
    list.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    list.addEventListener("keydown", (event) => this.#pressed(event));
    addEventListener("keyup", () => setTimeout(() => (this.#byKey = false)));
    addEventListener("contextmenu", (event) => this.#byKey && event.preventDefault());
    this.#dialog.addEventListener("click", ({ target }) => this.#chosen(/** @type {HTMLElement} */ (target)));
    this.#dialog.addEventListener("keydown", (event) => moveFocus(event, this.#dialog));
    this.#uses = new EmojiUses(store, Array.from(this.#atHand, ({ dataset }) => dataset.emoji ?? ""));
  }

  close() {
    this.#picker.made?.close();
    this.#dialog.close();
  }

  /**
   * @param {Element} target in a line
   * @returns {boolean} whether it has a menu
   */
  openAt(target) {
    const line = /** @type {HTMLElement | null} */ (target.closest("[data-id]"));
    const more = line && part(line, "more");
    if (!more || this.#dialog.open) return false;
    this.#open(new Said(line), more, target.closest(".text, .picture") ?? more);
    return true;
  }

  /** @param {Element} target */
  #clicked(target) {
    // Touch screens cannot hover: a touched line shows its button.
    for (const line of this.#list.querySelectorAll(".touched")) line.classList.remove("touched");
    const said = Said.around(target);
    if (!said) return;
    target.closest("[data-id]")?.classList.add("touched");
    const button = /** @type {HTMLElement | null} */ (target.closest("button"));
    if (button?.dataset.part === "more") this.openAt(button);
    if (button?.dataset.action === "original") this.#choices.onOriginal(Number(button.dataset.originalSeq));
    if (button?.dataset.action === "react") this.#toggle(said, button.dataset.emoji ?? "");
    if (button?.dataset.action === "emoji") this.#pick(said);
    if (button?.dataset.action === "change-again") this.#changes.retry(said.id);
    if (button?.dataset.action === "change-not") this.#changes.discard(said.id);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const target = /** @type {Element} */ (event.target);
    if (!opensMenu(event, target.matches("[data-id]")) || !this.openAt(target)) return;
    event.preventDefault();
    this.#byKey = event.key !== "Enter";
  }

  /**
   * @param {Said} said
   * @param {HTMLElement} more its line's button
   * @param {Element} at what it opens beside
   */
  #open(said, more, at) {
    this.#said = said;
    this.#trouble.textContent = "";
    for (const [at, emoji] of this.#uses.atHand.entries()) {
      this.#atHand[at].dataset.emoji = this.#atHand[at].textContent = emoji;
    }
    for (const button of this.#dialog.querySelectorAll("button")) {
      const { action, emoji } = button.dataset;
      if (emoji) button.setAttribute("aria-pressed", String(said.given(emoji)));
      if (action === "copy") button.hidden = !said.chat;
      if (action === "edit") button.hidden = !said.editable;
      if (action === "delete") button.hidden = said.bySystem || !(said.mine || this.#choices.owns());
    }
    // It gives the focus back to what had it; a long press had none.
    if (!more.closest("[data-id]")?.contains(document.activeElement)) more.focus({ preventScroll: true });
    this.#dialog.showModal();
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
    if (action === "emoji") return this.#pick(said);
    if (action === "copy" && !(await copyText(said.chat, this.#dialog))) {
      this.#trouble.textContent = t("js.viewer.copied_nothing");
      return;
    }
    this.close();
    if (emoji) this.#toggle(said, emoji);
    if (action === "reply") this.#choices.onReply(said);
    if (action === "edit") this.#choices.onEdit(said);
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
   * Choose any emoji.
   * @param {Said} said
   */
  #pick(said) {
    this.#picker.use((picker) =>
      picker.open((emoji) => {
        if (this.#dialog.open) this.#dialog.close();
        if (!said.given(emoji)) this.#toggle(said, emoji);
      }),
    );
  }

  /**
   * @param {Said} said
   * @param {string} emoji
   */
  #toggle(said, emoji) {
    const on = !said.given(emoji);
    if (on) this.#uses.add(emoji);
    this.#changes.react(said.id, emoji, on);
  }

  /** @param {string} trouble */
  #tell(trouble) {
    if (this.#dialog.open) this.#trouble.textContent = trouble;
    else this.#choices.onTrouble(trouble);
  }
}
