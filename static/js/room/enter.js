/**
 * What an Enter does in a field where people write: sends, begins a line, or belongs to an input method. Pure.
 *
 * An input method composes letters before they stand, and Enter is a key of its own as well. `isComposing` and the
 * code 229 tell that it had the key, and not what it did with it. What tells that is the text being composed, and what
 * follows the composition:
 *
 * - Hangul and other letters that are what they look like: there is nothing to choose, so Enter sends. Windows tells
 *   nothing more than the end of the composition, macOS the same key again (13), Safari the end first and then the key.
 * - Kana, Han, Bopomofo, or anything an input method made of them: Enter confirms a choice. So it does where Hangul has
 *   become Hanja.
 * - Plain Latin letters are pinyin, which Enter confirms, or a word on a phone's keyboard, which composes all words.
 *   When Enter was more than a confirmation, a line break follows, or the key itself (13).
 *
 * A phone's keyboard often tells of no key at all (229 and no name), only of the line break.
 *
 * UI Events has the order of composition events, and 229 in its section on the legacy `keyCode`.
 */

/** @typedef {"send" | "newline" | "method" | "nothing"} Verdict `nothing`: it has done its work, and is to do no more */

/**
 * @typedef {Partial<KeyboardEvent & InputEvent & CompositionEvent>} Happening
 * One of keydown, keyup, compositionstart, compositionupdate, compositionend, beforeinput, input, blur.
 */

/**
 * The Enter that is held down:
 *
 * - `newline`: with Shift
 * - `taken`: the input method had it, and is composing
 * - `given`: it came while composing, past the input method, and sends when the composition ends
 * - `confirmed`: it has confirmed a choice, or what may have been one
 * - `held`: it came while there was a choice to confirm
 * - `sent`: it has sent at the end of a composition; the same key may be told once more
 * - `done`: it has sent
 *
 * @typedef {"newline" | "taken" | "given" | "confirmed" | "held" | "sent" | "done" | null} Press
 */

/** Written by choosing from what an input method offers. */
const CHOSEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}]/u;

/** Written as it is: Hangul, the letters of Vietnamese alone, and scripts that only phones compose. */
const PLAIN =
  /[ăđơư\u1ea0-\u1ef9\p{Script=Hangul}\p{Script=Thai}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/iu;

export class Enter {
  /** @type {Press} */
  #press = null;
  #shift = false;
  #composing = false;
  #composed = "";
  /** Whether the composition has at any time been a choice. */
  #choice = false;
  /** Whether a composition of plain text has just ended, and no key been told since. */
  #ended = false;

  /**
   * @param {Happening} event the next one, in the order the browser tells them
   * @returns {Verdict | null} null for what is no Enter
   */
  take(event) {
    switch (event.type) {
      case "keydown":
        return this.#down(event);
      case "keyup":
        return this.#up(event);
      case "beforeinput":
        // What cannot be prevented is told again when it has happened.
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
   * A key that goes elsewhere: the field may have lost the focus to a button by this very Enter.
   * @param {Happening} event
   * @returns {boolean} whether it is an Enter that was told of already
   */
  again(event) {
    return isEnter(event) && (this.#press === "sent" || (this.#press !== null && Boolean(event.repeat)));
  }

  /** @param {Happening} event */
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

  /** @param {Happening} event */
  #up(event) {
    this.#shift = Boolean(event.shiftKey);
    if (!isEnter(event)) return null;
    // The input method goes on composing: it is a phone's, and does not know of the key.
    return this.#pressed(null, this.#press === "given" ? "send" : null);
  }

  #break() {
    if (this.#press === "newline" || (this.#press === null && this.#shift)) return "newline";
    if (this.#press === "sent" || this.#press === "done" || this.#press === "held") return "nothing";
    if (this.#composing && this.#choice) return "nothing";
    // Without a key it has no end that could be told.
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
    // The field is emptied, and browsers need not tell of a composition that ends by that.
    if (verdict === "send") this.#composing = false;
    return verdict;
  }
}

/** @param {Happening} event Windows calls the key "Process" when an input method has it */
function isEnter({ key, code, keyCode }) {
  return key === "Enter" || code === "Enter" || code === "NumpadEnter" || keyCode === 13;
}

/** @param {Happening} event some phones' keyboards write the line break as a text */
function isBreak({ inputType, data }) {
  return inputType === "insertLineBreak" || inputType === "insertParagraph" || (inputType === "insertText" && data === "\n");
}
