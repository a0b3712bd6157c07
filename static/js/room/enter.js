/**
 * Decides what Enter does in a text field: send, insert a line break, or nothing because an input method used it. Pure.
 *
 * While an input method composes text, it handles Enter itself. `isComposing` and keyCode 229 say that it got the key,
 * but not what it did with it. That follows from the composed text and from the events after the composition:
 *
 * - Hangul and other letters without candidates: there is nothing to choose, so Enter sends. Windows fires only the end
 *   of the composition, macOS then the same key again (13), Safari the end first and then the key.
 * - Kana, Han, Bopomofo, or anything converted from them: Enter confirms a candidate. The same holds for Hangul
 *   converted to Hanja.
 * - Plain Latin letters are pinyin, which Enter confirms, or a word on a phone's keyboard, which composes every word.
 *   If Enter did more than confirm, a line break follows, or the key itself (13).
 *
 * A phone's keyboard often reports no key at all (229 without a name), only the line break.
 *
 * UI Events specifies the order of composition events, and 229 in its section on the legacy `keyCode`.
 */

/** @typedef {"send" | "newline" | "method" | "nothing"} Verdict `method`: the input method's; `nothing`: suppressed */

/**
 * @typedef {Partial<KeyboardEvent & InputEvent & CompositionEvent>} FieldEvent
 * One of keydown, keyup, compositionstart, compositionupdate, compositionend, beforeinput, input, blur.
 */

/**
 * The state of the Enter key that is held down:
 *
 * - `newline`: with Shift
 * - `taken`: the input method got it and is composing
 * - `given`: pressed while composing, ignored by the input method; sends when the composition ends
 * - `confirmed`: confirmed a candidate, or what may have been one
 * - `held`: pressed while there was a candidate to confirm
 * - `sent`: sent at the end of a composition; the same key press may be reported again
 * - `done`: sent
 *
 * @typedef {"newline" | "taken" | "given" | "confirmed" | "held" | "sent" | "done" | null} Press
 */

/** Scripts written by choosing among an input method's candidates. */
const CHOSEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}]/u;

/** Scripts without candidates: Hangul, the letters unique to Vietnamese, and scripts that only phones compose. */
const PLAIN =
  /[ăđơư\u1ea0-\u1ef9\p{Script=Hangul}\p{Script=Thai}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/iu;

export class Enter {
  /** @type {Press} */
  #press = null;
  #shift = false;
  #composing = false;
  #composed = "";
  /** Whether the composition has had candidates at any time. */
  #choice = false;
  /** Whether a composition of plain text has just ended, without a key event since. */
  #ended = false;

  /**
   * @param {FieldEvent} event the next one, in the browser's order
   * @returns {Verdict | null} null if it is not an Enter
   */
  take(event) {
    switch (event.type) {
      case "keydown":
        return this.#down(event);
      case "keyup":
        return this.#up(event);
      case "beforeinput":
        // If it cannot be prevented, the "input" event that follows is handled instead.
        return event.cancelable && isBreak(event) ? this.#break() : null;
      case "input":
        return isBreak(event) ? this.#break() : null;
      case "compositionstart":
        this.#composing = true;
        this.#composed = "";
        this.#choice = this.#ended = false;
        this.#press = null;
        return null;
      case "compositionupdate":
        this.#compose(event.data ?? "");
        return null;
      case "compositionend":
        return this.#end(event.data || this.#composed);
      default:
        this.#composing = this.#ended = false;
        if (this.#press === "taken" || this.#press === "given") this.#press = null;
        return null;
    }
  }

  /**
   * For a key outside the fields: an Enter may have moved the focus from a field to a button.
   * @param {FieldEvent} event
   * @returns {boolean} whether it is an Enter that was handled already
   */
  again(event) {
    return isEnter(event) && (this.#press === "sent" || (this.#press !== null && Boolean(event.repeat)));
  }

  /** @param {FieldEvent} event */
  #down(event) {
    const ended = this.#ended;
    const press = this.#press;
    this.#ended = false;
    this.#shift = Boolean(event.shiftKey);
    if (!isEnter(event)) return this.#pressed(null, null);
    if (event.shiftKey) return this.#pressed("newline", "newline");
    const taken = event.keyCode === 229;
    if (event.repeat) return taken ? "method" : "nothing";
    if (press === "sent" && !taken) return this.#pressed("done", "nothing");
    if (event.isComposing || (this.#composing && taken)) {
      if (event.keyCode !== 13 || !this.#composed) return this.#pressed("taken", "method");
      return this.#pressed(this.#choice ? "held" : "given", "nothing");
    }
    if (!taken) return this.#pressed("done", "send");
    return ended ? this.#pressed("sent", "send") : this.#pressed("confirmed", "method");
  }

  /** @param {FieldEvent} event */
  #up(event) {
    this.#shift = Boolean(event.shiftKey);
    if (!isEnter(event)) return null;
    // Still composing: a phone's input method that ignores the key.
    return this.#pressed(null, this.#press === "given" ? "send" : null);
  }

  #break() {
    if (this.#press === "newline" || (this.#press === null && this.#shift)) return "newline";
    if (this.#press === "sent" || this.#press === "done" || this.#press === "held") return "nothing";
    if (this.#composing && this.#choice) return "nothing";
    // Without a key press there will be no keyup either.
    return this.#pressed(this.#press && "sent", "send");
  }

  /** @param {string} text */
  #compose(text) {
    this.#composed = text;
    this.#choice ||= CHOSEN.test(text);
  }

  /** @param {string} text */
  #end(text) {
    this.#compose(text);
    this.#composing = false;
    const plain = !this.#choice && PLAIN.test(text);
    if (this.#press === "taken") return plain ? this.#pressed("sent", "send") : this.#pressed("confirmed", "method");
    if (this.#press === "given") return this.#pressed("sent", "send");
    this.#ended = plain && this.#press === null;
    return null;
  }

  /**
   * @template {Verdict | null} V
   * @param {Press} press
   * @param {V} verdict
   */
  #pressed(press, verdict) {
    this.#press = press;
    // Sending empties the field, and not all browsers report that this ends the composition.
    if (verdict === "send") this.#composing = false;
    return verdict;
  }
}

/** @param {FieldEvent} event `key` is "Process" on Windows when an input method got it */
function isEnter({ key, code, keyCode }) {
  return key === "Enter" || code === "Enter" || code === "NumpadEnter" || keyCode === 13;
}

/** @param {FieldEvent} event some phones' keyboards insert the line break as text */
function isBreak({ inputType, data }) {
  return inputType === "insertLineBreak" || inputType === "insertParagraph" || (inputType === "insertText" && data === "\n");
}
