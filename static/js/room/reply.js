/** What the next message answers, shown above the form until it is taken back. */

import { composing } from "../composing.js";
import { byId, part } from "../parts.js";
import { fillQuote } from "./quote_view.js";

/**
 * @typedef {import("../wire.js").Quote} Quote
 * @typedef {import("./draft.js").Answered} Answered
 * @typedef {import("./draft.js").Draft} Draft
 */

export class Reply {
  #bar = byId("reply");
  #quote = part(this.#bar, "quote");
  /** @type {Answered | undefined} */
  #re;
  #kept;

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} kept
   * @param {object} conversation
   * @param {(quote: Quote) => Quote} conversation.quote tells what has become of a record since it was chosen
   * @param {(seq: number) => void} onOriginal
   */
  constructor(form, kept, conversation, onOriginal) {
    this.#kept = kept;
    const { re } = kept.written;
    this.choose(re && { ...conversation.quote(re), partner: re.partner });
    const chat = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("chat"));
    this.#quote.addEventListener("click", () => this.#re && onOriginal(this.#re.seq));
    part(this.#bar, "clear").addEventListener("click", () => {
      this.choose(undefined);
      chat.focus();
    });
    chat.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !composing(event)) this.choose(undefined);
    });
  }

  /** @param {Answered | undefined} re */
  choose(re) {
    this.#re = re;
    this.#kept.keep({ re });
    this.#bar.hidden = re === undefined;
    if (re) fillQuote(this.#quote, re);
  }

  /**
   * @param {string | undefined} to whom something is sent now, undefined for everybody
   * @returns {Quote | undefined} what it answers; a whisper is quoted to nobody else
   */
  take(to) {
    if (!this.#re || !this.#mayBeToldTo(to)) return undefined;
    const { partner, ...quote } = this.#re;
    this.choose(undefined);
    return quote;
  }

  /** @param {string | undefined} to whom the next message is for now */
  addressed(to) {
    if (!this.#mayBeToldTo(to)) this.choose(undefined);
  }

  /** @param {Quote} quote of a record that has changed */
  changed(quote) {
    if (quote._id === this.#re?._id) this.choose({ ...quote, partner: this.#re.partner });
  }

  /** @param {string | undefined} to */
  #mayBeToldTo(to) {
    return this.#re?.partner === undefined || this.#re.partner === to;
  }
}
