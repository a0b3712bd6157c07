/** #chat-form: the field of a message, with what can be written next above it, and what is left of it below. */

import { byId, part } from "../parts.js";
import { keptText } from "../text.js";
import { t } from "../texts.js";
import { Completion } from "./completion.js";
import { inFence } from "./fence.js";
import { sendByEnter } from "./keyboard.js";
import { Countdown, MAX_CHARACTERS, charactersIn } from "./limit.js";
import { replaceText } from "./replace_text.js";

/**
 * @typedef {import("./draft.js").Draft} Draft
 *
 * @typedef {object} Writer
 * @property {(written: string) => string | (() => void) | null} onChat of text with something visible in it, not
 *   trimmed; returns what is wrong with it (empty if that is told elsewhere), or what is left to do when the
 *   field is empty
 * @property {(text: string) => void} onWriting the text has changed
 * @property {(written: string) => string} counted what of the text counts as the message
 * @property {(files: File[]) => void} onFiles
 */

const CODE = ["```\n", "\n```"];

/** Only where there is a keyboard with these keys, and room for the hint. */
const KEYS = "(hover: hover) and (min-width: 40rem)";

/** Otherwise the field's height follows its text by script. */
const GROWS = CSS.supports("field-sizing", "content");

export class Composer {
  #form;
  #chat;
  #draft;
  #counted;
  #trouble = byId("chat-trouble");
  #note;
  #told;
  #countdown = new Countdown();

  closed = false;
  /** What can be written next, above the field. */
  completion;

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   * @param {Writer} writer
   */
  constructor(form, draft, { onChat, onWriting, counted, onFiles }) {
    this.#form = form;
    this.#draft = draft;
    this.#counted = counted;
    this.#note = part(form, "note");
    this.#told = part(form, "told");
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    const gif = /** @type {HTMLInputElement} */ (form.elements.namedItem("gif"));
    this.#chat = chat;

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const outcome = keptText(chat.value) ? onChat(chat.value) : null;
      const refused = typeof outcome === "string";
      this.#trouble.textContent = refused ? outcome : "";
      if (!refused) this.#write("");
      chat.focus();
      if (typeof outcome === "function") outcome();
    });
    chat.addEventListener("input", () => {
      this.#trouble.textContent = "";
      draft.keep({ chat: chat.value });
      this.#look();
      onWriting(keptText(chat.value));
    });
    for (const type of ["keyup", "click"]) chat.addEventListener(type, () => this.#look());
    sendByEnter(chat, () => this.completion.pick() || form.requestSubmit(), { picks: () => this.completion.open });
    this.completion = new Completion(chat);
    gif.addEventListener("change", () => {
      onFiles([...(gif.files ?? [])]);
      gif.value = ""; // so that the same file can be chosen again
    });
    // The visitor may have typed before the script loaded. A caption's images are lost, so its text goes here.
    this.#write(chat.value || draft.written.chat || draft.written.caption || "");
    draft.keep({ caption: "" });
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

  /**
   * Write a block of code at the caret, with the caret at the code's end.
   * @param {string} code
   */
  writeCode(code) {
    const { selectionStart, selectionEnd, value } = this.#chat;
    const above = /(^|\n)$/.test(value.slice(0, selectionStart)) ? "" : "\n";
    replaceText(this.#chat, selectionStart, selectionEnd, above + CODE.join(code));
    const end = this.#chat.selectionEnd - CODE[1].length;
    this.#chat.setSelectionRange(end, end);
    this.#look();
  }

  /** @param {string} text */
  #write(text) {
    this.#chat.value = text;
    this.#draft.keep({ chat: text });
    this.#look();
  }

  /** The text or the caret has changed, by the reader or by script. */
  #look() {
    const { value, selectionStart } = this.#chat;
    const long = value.length > MAX_CHARACTERS / 2;
    const { left, tell } = this.#countdown.take(long ? charactersIn(keptText(this.#counted(value))) : 0);
    const inCode = left === null && inFence(value.slice(0, selectionStart)) && matchMedia(KEYS).matches;
    let note = inCode ? t("js.chat.in_code") : "";
    if (left !== null) note = left < 0 ? t("js.chat.over", { over: -left }) : t("js.chat.left", { left });
    if (this.#note.textContent !== note) this.#note.textContent = note;
    this.#note.classList.toggle("over", left !== null && left < 0);
    if (tell || left === null) this.#told.textContent = left === null ? "" : note;
    if (!GROWS) {
      this.#chat.style.height = "auto";
      this.#chat.style.height = `${this.#chat.scrollHeight}px`;
    }
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
  const characters = charactersIn(text);
  return characters > MAX_CHARACTERS ? t("js.chat.too_long", { characters, most: MAX_CHARACTERS }) : null;
}
