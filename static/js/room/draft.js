/**
 * A room's unsent text, kept in the browser's storage across reloads.
 *
 * In sessionStorage: each tab has its own draft, and closing the tab leaves none behind on a shared computer.
 */

/**
 * @typedef {import("../wire.js").Quote & {partner?: string}} Answered `partner`: of a whisper, its other participant
 *
 * @typedef {object} Written
 * @property {string} [chat]
 * @property {string} [to] the recipient of a whisper
 * @property {Answered} [re] what it answers
 * @property {string} [caption] of the images in the preview
 */

const KEY = "gifchat.drafts";
/** Drafts of rooms that were removed while no page of theirs was open are never deleted, so their number is bounded. */
const MAX_ROOMS = 10;
/** A longer text is not kept: it would take the space of the others. */
const MAX_CHARACTERS = 50_000;

export class Draft {
  #store;
  #room;
  /** @type {Written} */
  #written = {};

  /**
   * @param {Storage | null} store if it is null or throws, the draft lasts as long as the page
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

  /** @param {Written} changed */
  keep(changed) {
    this.#written = { ...this.#written, ...changed };
    const { chat = "", caption = "" } = this.#written;
    const fits = chat.length <= MAX_CHARACTERS && caption.length <= MAX_CHARACTERS;
    this.#save(fits && chat.length + caption.length > 0 ? [[this.#room, this.#written]] : []);
  }

  /** Delete the draft and keep nothing from now on: this visitor cannot return to the room. */
  end() {
    this.#save([]);
    this.#store = null;
  }

  /** @param {[string, Written][]} own */
  #save(own) {
    try {
      const all = [...own, ...this.#all().filter(([room]) => room !== this.#room)].slice(0, MAX_ROOMS);
      if (all.length) this.#store?.setItem(KEY, JSON.stringify(all));
      else this.#store?.removeItem(KEY);
    } catch {
      // Storage is full or forbidden: the text is still on the page.
    }
  }

  /** @returns {[string, Written][]} by room, the last changed first */
  #all() {
    try {
      const all = JSON.parse(this.#store?.getItem(KEY) ?? "[]");
      return Array.isArray(all) ? all.filter(isEntry) : [];
    } catch {
      return []; // storage is forbidden, or holds something else
    }
  }
}

/** @param {unknown} entry */
function isEntry(entry) {
  if (!Array.isArray(entry) || typeof entry[0] !== "string" || !entry[1]) return false;
  const { re } = entry[1];
  return hasOptionalStrings(entry[1], ["chat", "to", "caption"]) && (re === undefined || isAnswered(re));
}

/** @param {any} re */
function isAnswered(re) {
  if (typeof re?._id !== "string" || typeof re.user !== "string" || typeof re.seq !== "number") return false;
  return hasOptionalStrings(re, ["chat", "gif", "deleted", "partner"]);
}

/**
 * @param {Record<string, unknown>} value
 * @param {string[]} names of optional string properties
 */
function hasOptionalStrings(value, names) {
  return names.every((name) => ["string", "undefined"].includes(typeof value[name]));
}
