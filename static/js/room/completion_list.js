/**
 * The list of what can be written next, above a text field: a list that opens by itself.
 *
 * The arrow keys choose, Enter (which the field's owner hands to `pick`), Tab and a tap write, Escape closes.
 */

import { composing } from "../composing.js";
import { copyOf, part } from "../parts.js";
import { fillChip } from "../who.js";
import { replaceText } from "./replace_text.js";
import { Suggestions } from "./suggestions.js";

/**
 * @typedef {import("./suggestions.js").Suggestion} Suggestion
 * @typedef {import("./suggestions.js").OfferSource} OfferSource
 */

/**
 * Only while the list is open, so that a field with nothing to choose is announced as one. It stays a text field: of several
 * lines, it cannot be a combobox (ARIA in HTML).
 */
const WHILE_OPEN = { "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": "completion" };

/** After these, the caret may be elsewhere. */
const MOVES = ["input", "keyup", "click", "focus"];

export default class CompletionList {
  #field;
  #list = copyOf("completion-template");
  #suggestions = new Suggestions();

  /** @param {HTMLTextAreaElement} field */
  constructor(field) {
    this.#field = field;
    field.before(this.#list);
    for (const type of MOVES) field.addEventListener(type, () => this.update());
    field.addEventListener("blur", () => this.#update(""));
    // Before other listeners of the field: what a key does to the list, it does not do to a reply or a whisper as well.
    field.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) => {
      const row = /** @type {Element} */ (target).closest("[role=option]");
      if (row) this.pick([...this.#list.children].indexOf(row));
    });
  }

  /** @param {OfferSource} source after those added before it */
  add(source) {
    this.#suggestions.add(source);
  }

  get open() {
    return this.#suggestions.shown !== null;
  }

  /** The text, the caret or what a source offers has changed. */
  update() {
    const { value, selectionStart, selectionEnd } = this.#field;
    const written = document.activeElement === this.#field && selectionStart === selectionEnd;
    this.#update(written ? value.slice(0, selectionStart) : "");
  }

  /**
   * Write an item.
   * @param {number} [index] else the active one
   * @returns {boolean} false if the list is closed
   */
  pick(index = this.#suggestions.active) {
    const { shown } = this.#suggestions;
    if (!shown) return false;
    const { source, from } = shown;
    const item = shown.items[index];
    const write = (/** @type {string} */ text) => replaceText(this.#field, from, this.#field.selectionStart, text);
    this.#suggestions.dismiss();
    this.#draw();
    if (source.onPick) source.onPick(item, write);
    else write(item.text);
    return true;
  }

  /** @param {string} before */
  #update(before) {
    if (this.#suggestions.update(before)) this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.open || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.#suggestions.move(key === "ArrowDown" ? 1 : -1);
      this.#mark();
    } else if (key === "Tab" && !event.shiftKey) {
      this.pick();
    } else if (key === "Escape") {
      this.#suggestions.dismiss();
      this.#draw();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #draw() {
    const { shown } = this.#suggestions;
    this.#list.hidden = shown === null;
    this.#list.replaceChildren(...(shown?.items ?? []).map(rowOf));
    this.#list.setAttribute("aria-label", shown?.source.label ?? "");
    for (const [name, value] of Object.entries(WHILE_OPEN)) {
      if (shown) this.#field.setAttribute(name, value);
      else this.#field.removeAttribute(name);
    }
    this.#mark();
  }

  #mark() {
    const { active } = this.#suggestions;
    this.#field.removeAttribute("aria-activedescendant");
    for (const [at, row] of [...this.#list.children].entries()) {
      row.setAttribute("aria-selected", String(at === active));
      if (at !== active) continue;
      row.scrollIntoView({ block: "nearest" });
      this.#field.setAttribute("aria-activedescendant", row.id);
    }
  }
}

/**
 * @param {Suggestion} item
 * @param {number} at
 */
function rowOf({ name, hint = "", user }, at) {
  const row = copyOf("completion-item-template");
  row.id = `completion-${at}`;
  if (user === undefined) part(row, "chip").remove();
  else fillChip(row, user);
  part(row, "name").textContent = user === undefined ? name : "";
  part(row, "hint").textContent = hint;
  return row;
}
