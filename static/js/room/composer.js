/** #chat-form: Enter sends, Shift+Enter begins a line, chosen files are shown before they are sent. */

import { byId } from "../parts.js";
import { keptText } from "../text.js";
import { t } from "../texts.js";
import { sendByEnter } from "./keyboard.js";

/**
 * @typedef {import("./draft.js").Draft} Draft
 *
 * @typedef {object} Writer
 * @property {(text: string) => string | null} onChat of trimmed text, not empty; tells what is wrong with it, if anything
 * @property {(text: string) => void} onWriting it is being written, or changed, or emptied
 * @property {(files: File[]) => void} onFiles
 */

/** As the server has it. Not the field's `maxlength`, which would cut off without a word what is pasted. */
const LONGEST = 2000;

export class Composer {
  #form;
  #chat;
  #kept;
  #trouble = byId("chat-trouble");

  /** Whether nothing more can be sent from here. */
  closed = false;

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} kept
   * @param {Writer} writer
   */
  constructor(form, kept, { onChat, onWriting, onFiles }) {
    this.#form = form;
    this.#kept = kept;
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    const gif = /** @type {HTMLInputElement} */ (form.elements.namedItem("gif"));
    this.#chat = chat;
    // Somebody may have begun before this script was here. And the images are gone that a caption was for.
    this.#write(chat.value || kept.written.chat || kept.written.caption || "");
    kept.keep({ caption: "" });

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
      kept.keep({ chat: chat.value });
      onWriting(keptText(chat.value));
    });
    sendByEnter(chat, () => form.requestSubmit());
    gif.addEventListener("change", () => {
      onFiles([...(gif.files ?? [])]);
      gif.value = ""; // so that the same file can be chosen again
    });
    /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]")).disabled = false;
    // A touch screen would answer the focus with its keyboard, over half of the chat.
    if (matchMedia("(hover: hover)").matches) chat.focus();
  }

  /** What is written and not sent. */
  get draft() {
    return keptText(this.#chat.value);
  }

  /** @returns {string} what is written and not sent, which goes another way now */
  take() {
    const draft = this.draft;
    this.#write("");
    return draft;
  }

  /** @param {string} text that was taken and is not sent after all; what is being written here comes first */
  giveBack(text) {
    this.#write(this.#chat.value || text);
  }

  /** @param {string} text */
  #write(text) {
    this.#chat.value = text;
    this.#kept.keep({ chat: text });
  }

  /** @param {string} text to be written behind what is there */
  append(text) {
    const { value } = this.#chat;
    this.#chat.value = /\S$/.test(value) ? `${value} ${text}` : value + text;
    this.#chat.dispatchEvent(new Event("input", { bubbles: true })); // no script's writing tells of itself
    this.#chat.focus();
  }

  /** @param {string} trouble told beside the field until something is written */
  tell(trouble) {
    this.#trouble.textContent = trouble;
  }

  focus() {
    this.#chat.focus();
  }

  /** Nothing more can be sent from here. */
  close() {
    this.closed = true;
    for (const element of this.#form.elements) element.setAttribute("disabled", "");
  }
}

/**
 * @param {string} text
 * @returns {string | null} what is wrong with it, when nobody may say so much at once
 */
export function tooLong(text) {
  const characters = [...text].length;
  return characters > LONGEST ? t("js.chat.too_long", { characters, most: LONGEST }) : null;
}
