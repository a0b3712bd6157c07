/**
 * What can be done with a line: its menu, which opens by its button, by a long press and by keyboard, the reactions below
 * it, and what its text offers. The menu (menu.js) and the picker of emoji are loaded when they are first opened, or
 * before that when idle.
 */

import { Later } from "../later.js";
import { part } from "../parts.js";
import { t } from "../texts.js";
import { opensMenu } from "./menu_keys.js";
import { Said } from "./said.js";

/**
 * @typedef {import("./changes.js").Changes} Changes
 * @typedef {import("./confirm.js").Confirm} Confirm
 * @typedef {import("./emoji/emoji_picker.js").default} EmojiPicker
 * @typedef {import("./emoji_uses.js").Store} Store
 * @typedef {import("./menu.js").default} Menu
 *
 * @typedef {object} ActionListener
 * @property {() => boolean} owns whether this visitor owns the room
 * @property {(said: Said) => void} onReply
 * @property {(seq: number) => void} onOriginal show the record that a reply answers
 * @property {(trouble: string) => void} onTrouble
 */

export class LineActions {
  #list;
  #changes;
  #listener;
  #menu;
  #picker;
  /** The browser's own menu for the key that has opened this one is still to come. */
  #byKey = false;

  /**
   * @param {HTMLElement} list of lines
   * @param {Changes} changes
   * @param {Confirm} confirm
   * @param {Store | null} store
   * @param {ActionListener} listener
   */
  constructor(list, changes, confirm, store, listener) {
    this.#list = list;
    this.#changes = changes;
    this.#listener = listener;
    const lost = () => this.#tell(t("js.error.network"));
    this.#menu = /** @type {Later<typeof import("./menu.js").default, Menu>} */ (
      new Later("menu", () => import("./menu.js"), (Menu) => new Menu(changes, confirm, store, { ...listener, onEmoji: (said) => this.#pick(said) }), lost)
    );
    this.#picker = /** @type {Later<typeof import("./emoji/emoji_picker.js").default, EmojiPicker>} */ (
      new Later("emoji", () => import("./emoji/emoji_picker.js"), (Picker) => new Picker(store), lost)
    );
    list.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    list.addEventListener("keydown", (event) => this.#pressed(event));
    addEventListener("keyup", () => setTimeout(() => (this.#byKey = false)));
    addEventListener("contextmenu", (event) => this.#byKey && event.preventDefault());
  }

  /** @returns {string} the edited text, if there is one */
  get unsaved() {
    return this.#menu.made?.editor.unsaved ?? "";
  }

  prefetch() {
    this.#menu.prefetch();
  }

  close() {
    this.#picker.cancel();
    this.#menu.cancel();
    this.#picker.made?.close();
    this.#menu.made?.close();
    this.#menu.made?.editor.close();
  }

  /**
   * @param {Element} target in a line
   * @returns {boolean} whether it has a menu
   */
  openAt(target) {
    const line = /** @type {HTMLElement | null} */ (target.closest("[data-id]"));
    const more = line && part(line, "more");
    if (!more || this.#menu.made?.isOpen) return false;
    this.#menu.use((menu) => menu.open(new Said(line), more, target.closest(".text, .picture") ?? more));
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
    if (button?.dataset.action === "original") this.#listener.onOriginal(Number(button.dataset.originalSeq));
    if (button?.dataset.action === "react") this.#changes.toggle(said, button.dataset.emoji ?? "");
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
   * Choose any emoji.
   * @param {Said} said
   */
  #pick(said) {
    this.#picker.use((picker) =>
      picker.open((emoji) => {
        this.#menu.made?.close();
        if (!said.given(emoji)) this.#changes.toggle(said, emoji);
      }),
    );
  }

  /** @param {string} trouble */
  #tell(trouble) {
    if (this.#menu.made?.isOpen) this.#menu.made.tell(trouble);
    else this.#listener.onTrouble(trouble);
  }
}
