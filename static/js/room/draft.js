/**
 * What is written in a room and not sent, kept in the browser's storage for a page that is loaded again.
 *
 * In the tab's own storage: two tabs write two messages, and none is left on a shared computer when its tab is closed.
 */

/**
 * @typedef {import("../wire.js").Quote & {partner?: string}} Answered `partner`: the other one who knows of that whisper
 *
 * @typedef {object} Written
 * @property {string} [chat]
 * @property {string} [to] whom it would be whispered to
 * @property {Answered} [re] what it answers
 * @property {string} [caption] of the images that are looked at
 *
 */

const KEY = "gifchat.drafts";
/** Rooms; of those that are gone while no page of theirs is open, nobody tells. */
const MOST = 10;
/** Of one text; more is not kept: it would leave no place for the others. */
const LONGEST = 50_000;

export class Draft {
  #store;
  #room;
  /** @type {Written} */
  #written = {};

  /**
   * @param {Storage | null} store null, or one that throws: it lives as long as the page
   * @param {string} room
   */
  constructor(store, room) {
    this.#store = store;
    this.#room = room;
    this.#written = this.#all().find(([name]) => name === room)?.[1] ?? {};
  }

  get written() {
    return this.#written;
  }

  /** @param {Written} changed what has been written, or chosen, or taken back */
  keep(changed) {
    this.#written = { ...this.#written, ...changed };
    const { chat = "", caption = "" } = this.#written;
    const keeps = chat.length + caption.length > 0 && chat.length <= LONGEST && caption.length <= LONGEST;
    this.#save(keeps ? [[this.#room, this.#written]] : []);
  }

  /** The room is gone for this visitor, and what is written here from now on, too. */
  end() {
    this.#save([]);
    this.#store = null;
  }

  /** @param {[string, Written][]} own */
  #save(own) {
    try {
      const all = [...own, ...this.#all().filter(([room]) => room !== this.#room)].slice(0, MOST);
      if (all.length) this.#store?.setItem(KEY, JSON.stringify(all));
      else this.#store?.removeItem(KEY);
    } catch {
      // Storage is full or forbidden: it is still on the page.
    }
  }

  /** @returns {[string, Written][]} by room, what was last changed first */
  #all() {
    try {
      const all = JSON.parse(this.#store?.getItem(KEY) ?? "[]");
      return Array.isArray(all) ? all.filter(isOurs) : [];
    } catch {
      return []; // the browser forbids its storage, or somebody else has written there
    }
  }
}

/** @param {unknown} entry */
function isOurs(entry) {
  if (!Array.isArray(entry) || typeof entry[0] !== "string" || !entry[1]) return false;
  const { re } = entry[1];
  return hasTexts(entry[1], ["chat", "to", "caption"]) && (re === undefined || isAnswered(re));
}

/** @param {any} re */
function isAnswered(re) {
  if (typeof re?._id !== "string" || typeof re.user !== "string" || typeof re.seq !== "number") return false;
  return hasTexts(re, ["chat", "gif", "deleted", "partner"]);
}

/**
 * @param {Record<string, unknown>} value
 * @param {string[]} names of what is a text, or not there
 */
function hasTexts(value, names) {
  return names.every((name) => ["string", "undefined"].includes(typeof value[name]));
}
