/** Which emoji the reader reacts with, kept in this browser: the latest, the six at hand, and the skin tone. */

const KEY = "gifchat-emoji";

/** Of so many uses the most frequent are counted; older ones are forgotten, as tastes change. */
const KEPT = 60;
const RECENT = 16;

/** What is at hand instead of these must have been used more than once. */
const OFTEN = 2;

/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void}} Store */

export class EmojiUses {
  #store;
  #first;

  /**
   * @param {Store | null} store null if the browser forbids one
   * @param {string[]} first the emoji at hand for who has used none
   */
  constructor(store, first) {
    this.#store = store;
    this.#first = first;
  }

  /** @returns {string[]} each once, the latest first */
  get recent() {
    return [...new Set(this.#read().used)].slice(0, RECENT);
  }

  /** @returns {string[]} as many as `first`: the reader's own most used, then the first */
  get atHand() {
    return atHand(this.#read().used, this.#first);
  }

  /** @returns {string} a modifier, "" for none */
  get tone() {
    return this.#read().tone;
  }

  set tone(tone) {
    this.#write({ ...this.#read(), tone });
  }

  /** @param {string} emoji */
  add(emoji) {
    const { used, tone } = this.#read();
    this.#write({ used: [emoji, ...used].slice(0, KEPT), tone });
  }

  /** @returns {{used: string[], tone: string}} `used`: the latest first */
  #read() {
    try {
      const { used, tone } = JSON.parse(this.#store?.getItem(KEY) ?? "{}");
      return {
        used: Array.isArray(used) ? used.filter((emoji) => typeof emoji === "string") : [],
        tone: typeof tone === "string" ? tone : "",
      };
    } catch {
      return { used: [], tone: "" };
    }
  }

  /** @param {{used: string[], tone: string}} kept */
  #write(kept) {
    try {
      this.#store?.setItem(KEY, JSON.stringify(kept));
    } catch {
      // Full, or forbidden: it is only forgotten.
    }
  }
}

/**
 * @param {string[]} used the latest first
 * @param {string[]} first
 */
function atHand(used, first) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const emoji of used) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count >= OFTEN).sort(([, a], [, b]) => b - a);
  return [...new Set([...often.map(([emoji]) => emoji), ...first])].slice(0, first.length);
}
