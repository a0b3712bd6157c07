// @ts-check
/** #chat-form: Enter sends, Shift+Enter begins a line, a chosen file is sent at once. */

export class Composer {
  #form;

  /**
   * @param {HTMLFormElement} form
   * @param {(chat: string) => void} onChat trimmed, not empty
   * @param {(file: File) => void} onFile
   */
  constructor(form, onChat, onFile) {
    this.#form = form;
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    const gif = /** @type {HTMLInputElement} */ (form.elements.namedItem("gif"));

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = chat.value.trim();
      if (text) onChat(text);
      chat.value = "";
      chat.focus();
    });
    chat.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
      event.preventDefault();
      form.requestSubmit();
    });
    gif.addEventListener("change", () => {
      for (const file of gif.files ?? []) onFile(file);
      gif.value = ""; // so that the same file can be chosen again
    });
    // A touch screen would answer the focus with its keyboard, over half of the chat.
    if (matchMedia("(hover: hover)").matches) chat.focus();
  }

  /** Nothing more can be sent from here. */
  close() {
    for (const element of this.#form.elements) element.setAttribute("disabled", "");
  }
}

/**
 * Whether Enter belongs to an input method: it then ends a Korean syllable and is not to send half a word.
 * @param {KeyboardEvent} event
 */
function composing(event) {
  // Safari reports the Enter that ends the composition as no part of it, but still with the code 229.
  return event.isComposing || event.keyCode === 229;
}
