/**
 * Finds who is mentioned in a text: `@` and what somebody is called, or their colour. Pure, and in linear time.
 *
 * Names are those of the people who are there, and the longest one counts; spaces and case do not. A Korean particle may
 * follow a name, a Latin letter or digit may not follow one that ends with one. `@` within a word is an address's.
 */

import { isPlain, piecesOf } from "./text_pieces.js";

/**
 * @typedef {object} Mention
 * @property {number} start where its `@` stands
 * @property {number} end
 * @property {string} user a colour
 */

const COLOUR = /#[\da-f]{6}(?![\da-z])/iy;
const LATIN = /[\da-z_]/i;
const WITHIN_ADDRESS = /[\w.+-]/;

export class Mentions {
  /** @type {Map<string, string>} how a name is looked up → a colour */
  #users = new Map();
  #longest = 0;

  /** @param {[user: string, name: string][]} people who are there, and what each is called */
  constructor(people = []) {
    for (const [user, name] of people) {
      const key = keyOf(name);
      if (!key || this.#users.has(key)) continue;
      this.#users.set(key, user);
      this.#longest = Math.max(this.#longest, key.length);
    }
  }

  /**
   * @param {string} user who is there
   * @param {string} name what they are called
   * @returns {string} what mentions them
   */
  write(user, name) {
    return `@${this.#users.get(keyOf(name)) === user ? name : user}`;
  }

  /**
   * @param {string} text without code
   * @returns {Mention[]} in order
   */
  find(text) {
    /** @type {Mention[]} */
    const found = [];
    for (let start = text.indexOf("@"); start >= 0; start = text.indexOf("@", start + 1)) {
      if (WITHIN_ADDRESS.test(text[start - 1] ?? "")) continue;
      const mention = this.#colourAt(text, start) ?? this.#nameAt(text, start);
      if (!mention) continue;
      found.push(mention);
      start = mention.end - 1;
    }
    return found;
  }

  /**
   * @param {string} text as it was said
   * @param {string} user
   */
  has(text, user) {
    if (!text.includes("@")) return false;
    const plain = isPlain(text) ? [text] : piecesOf(text).flatMap((piece) => (piece.kind === "plain" ? piece.text : []));
    return plain.some((part) => this.find(part).some((mention) => mention.user === user));
  }

  /**
   * @param {string} text
   * @param {number} start
   * @returns {Mention | null}
   */
  #colourAt(text, start) {
    COLOUR.lastIndex = start + 1;
    const [colour] = COLOUR.exec(text) ?? [];
    return colour ? { start, end: start + 1 + colour.length, user: colour.toLowerCase() } : null;
  }

  /**
   * @param {string} text
   * @param {number} start
   * @returns {Mention | null}
   */
  #nameAt(text, start) {
    let mention = null;
    let key = "";
    for (let at = start + 1; at < text.length && key.length < this.#longest; at++) {
      if (text[at] === " ") {
        if (at === start + 1 || text[at - 1] === " ") break;
        continue;
      }
      key += text[at].toLowerCase();
      const user = this.#users.get(key);
      if (user && !(LATIN.test(text[at]) && LATIN.test(text[at + 1] ?? ""))) mention = { start, end: at + 1, user };
    }
    return mention;
  }
}

/** @param {string} name */
function keyOf(name) {
  return name.normalize("NFC").toLowerCase().replace(/\s/g, "");
}
