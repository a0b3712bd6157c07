/** What the next message answers, shown above the form until cleared. */

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
  #draft;

  /**
   * @param {HTMLFormElement} form
   * @param {Draft} draft
   * @param {object} conversation
   * @param {(quote: Quote) => Quote} conversation.quote updates a quote to its record's current state
   * @param {(seq: number) => void} onOriginal
   */
  constructor(form, draft, conversation, onOriginal) {
    this.#draft = draft;
    const { re } = draft.written;
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
    this.#draft.keep({ re });
    this.#bar.hidden = re === undefined;
    if (re) fillQuote(this.#quote, re);
  }

  /**
   * @param {string | undefined} to the recipient of what is being sent, undefined for everybody
   * @returns {Quote | undefined} what it answers; a whisper may be quoted only to its other participant
   */
  take(to) {
    if (!this.#re || !this.#mayQuoteTo(to)) return undefined;
    const { partner, ...quote } = this.#re;
    this.choose(undefined);
    return quote;
  }

  /** @param {string | undefined} to the new recipient of the next message */
  recipientChanged(to) {
    if (!this.#mayQuoteTo(to)) this.choose(undefined);
  }

  /** @param {Quote} quote of a record that has changed */
  changed(quote) {
    if (quote._id === this.#re?._id) this.choose({ ...quote, partner: this.#re.partner });
  }

  /** @param {string | undefined} to */
  #mayQuoteTo(to) {
    return this.#re?.partner === undefined || this.#re.partner === to;
  }
}
