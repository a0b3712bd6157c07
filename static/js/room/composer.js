/** #chat-form: Enter sends, Shift+Enter inserts a line break, chosen files are previewed before they are sent. */

import { byId } from "../parts.js";
import { keptText } from "../text.js";
import { t } from "../texts.js";
import { Completion } from "./completion.js";
import { sendByEnter } from "./keyboard.js";

/**
 * @typedef {import("./draft.js").Draft} Draft
 *
 * @typedef {object} Writer
 * @property {(text: string) => string | null} onChat of non-empty text; returns what is wrong with it, if anything
 * @property {(text: string) => void} onWriting the text has changed
 * @property {(files: File[]) => void} onFiles
 */

/** The server's limit. Not set as `maxlength`, which would silently truncate pasted text. */
const MAX_CHARACTERS = 2000;

export class Composer {
  #form;
  #chat;
  #draft;
  #trouble = byId("chat-trouble");

  closed = false;
  /** What can be written next, above the field. */
  completion;

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   * @param {Writer} writer
   */
  constructor(form, draft, { onChat, onWriting, onFiles }) {
    this.#form = form;
    this.#draft = draft;
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    const gif = /** @type {HTMLInputElement} */ (form.elements.namedItem("gif"));
    this.#chat = chat;
    // The visitor may have typed before the script loaded. A caption's images are lost, so its text goes here.
    this.#write(chat.value || draft.written.chat || draft.written.caption || "");
    draft.keep({ caption: "" });

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = keptText(chat.value);
      const wrong = text ? onChat(text) : null;
      this.#trouble.textContent = wrong ?? "";
      if (wrong === null) this.#write("");
      chat.focus();
    });
    chat.addEventListener("input", () => {
      this.#trouble.textContent = "";
      draft.keep({ chat: chat.value });
      onWriting(keptText(chat.value));
    });
    // Before the list is made: on an Enter that a phone reports as text, the list must still be open.
    sendByEnter(chat, () => this.completion.pick() || form.requestSubmit());
    this.completion = new Completion(chat);
    gif.addEventListener("change", () => {
      onFiles([...(gif.files ?? [])]);
      gif.value = ""; // so that the same file can be chosen again
    });
    /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]")).disabled = false;
    // On a touch screen, the focus would open the keyboard over half of the chat.
    if (matchMedia("(hover: hover)").matches) chat.focus();
  }

  /** The unsent text. */
  get draft() {
    return keptText(this.#chat.value);
  }

  /** @returns {string} the unsent text, which is removed from the field */
  take() {
    const draft = this.draft;
    this.#write("");
    return draft;
  }

  /** @param {string} text that was taken but not sent; dropped if the field is no longer empty */
  restore(text) {
    this.#write(this.#chat.value || text);
  }

  /** @param {string} text */
  #write(text) {
    this.#chat.value = text;
    this.#draft.keep({ chat: text });
  }

  /** @param {string} text to append */
  append(text) {
    const { value } = this.#chat;
    this.#chat.value = /\S$/.test(value) ? `${value} ${text}` : value + text;
    this.#chat.dispatchEvent(new Event("input", { bubbles: true })); // setting `value` fires no event
    this.#chat.focus();
  }

  /** @param {string} trouble shown beside the field until the text changes */
  showTrouble(trouble) {
    this.#trouble.textContent = trouble;
  }

  focus() {
    this.#chat.focus();
  }

  /** Disable the form for good. */
  close() {
    this.closed = true;
    for (const element of this.#form.elements) element.setAttribute("disabled", "");
  }
}

/**
 * @param {string} text
 * @returns {string | null} an error message if the text is too long
 */
export function tooLong(text) {
  const characters = [...text].length;
  return characters > MAX_CHARACTERS ? t("js.chat.too_long", { characters, most: MAX_CHARACTERS }) : null;
}
