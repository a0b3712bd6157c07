/**
 * A room's unsent text, kept in localStorage, so that neither a reload nor a closed tab loses it; for a day, and for one
 * visitor. Two tabs of a room keep what was written last.
 */

import { KEEP_HOURS } from "./outbox.js";

/**
 * @typedef {import("../wire.js").Quote & {partner?: string}} Answered `partner`: of a whisper, its other participant
 *
 * @typedef {object} Written
 * @property {string} [chat]
 * @property {string} [to] the recipient of a whisper
 * @property {Answered} [re] what it answers
 * @property {string} [caption] of the images in the preview
 *
 * @typedef {{written: Written, at: number}} Saved `at`: when, in milliseconds since the epoch
 */

const PREFIX = "gifchat.draft/";
/** Drafts of rooms that were removed while no page of theirs was open are never deleted, so their number is bounded. */
const MAX_ROOMS = 10;
/** A longer text is not kept: it would take the space of the others. */
const MAX_CHARACTERS = 50_000;
/** As messages that could not be sent are. The next lesson may have others at this computer. */
const KEEP_MS = KEEP_HOURS * 3_600_000;

/** @type {Written} */
const NOTHING = { chat: "", caption: "", to: undefined };

export class Draft {
  #store;
  #key;
  /** @type {Written} */
  #written = {};

  /**
   * @param {Storage | null} store if it is null or throws, the draft lasts as long as the page
   * @param {string} scope room and visitor
   * @param {number} now milliseconds since the epoch
   */
  constructor(store, scope, now) {
    this.#store = store;
    this.#key = PREFIX + scope;
    this.#sweep(now);
    this.#written = this.#all().find(([key]) => key === this.#key)?.[1].written ?? {};
  }

  get written() {
    return this.#written;
  }

  /**
   * @param {Written} changed
   * @param {number} [now] milliseconds since the epoch
   */
  keep(changed, now = Date.now()) {
    this.#written = { ...this.#written, ...changed };
    const { chat = "", caption = "", to } = this.#written;
    const fits = chat.length <= MAX_CHARACTERS && caption.length <= MAX_CHARACTERS;
    // A recipient alone, too: what is written next, after a reload, must not go to everybody.
    const saved = fits && (chat || caption || to) ? { written: this.#written, at: now } : null;
    try {
      if (saved) this.#store?.setItem(this.#key, JSON.stringify(saved));
      else this.#store?.removeItem(this.#key);
    } catch {
      // Storage is full or forbidden: the text is still on the page.
    }
  }

  /**
   * The server has given its writer another colour.
   * @param {string} scope room and visitor
   */
  move(scope) {
    const written = this.#written;
    this.keep(NOTHING);
    this.#key = PREFIX + scope;
    this.keep(written);
  }

  /** Delete the draft and keep nothing from now on: this visitor cannot return to the room. */
  end() {
    this.keep(NOTHING);
    this.#store = null;
  }

  /**
   * Delete the old ones and those that are too many.
   * @param {number} now milliseconds since the epoch
   */
  #sweep(now) {
    const all = this.#all().sort(([, a], [, b]) => b.at - a.at);
    const old = all.filter(([key, { at }], place) => now - at > KEEP_MS || (place >= MAX_ROOMS && key !== this.#key));
    try {
      for (const [key] of old) this.#store?.removeItem(key);
    } catch {
      // Storage is forbidden.
    }
  }

  /** @returns {[string, Saved][]} by key, of all rooms */
  #all() {
    try {
      const store = this.#store;
      const keys = Array.from({ length: store?.length ?? 0 }, (_, index) => store?.key(index) ?? "");
      return keys.filter((key) => key.startsWith(PREFIX)).flatMap((key) => {
        const saved = parse(store?.getItem(key) ?? "");
        return saved ? [/** @type {[string, Saved]} */ ([key, saved])] : [];
      });
    } catch {
      return []; // storage is forbidden
    }
  }
}

/**
 * @param {string} text
 * @returns {Saved | null} null if it is not a draft
 */
function parse(text) {
  try {
    const { written, at } = JSON.parse(text);
    return typeof at === "number" && isWritten(written) ? { written, at } : null;
  } catch {
    return null;
  }
}

/** @param {any} written */
function isWritten(written) {
  if (!written || typeof written !== "object") return false;
  return hasOptionalStrings(written, ["chat", "to", "caption"]) && (written.re === undefined || isAnswered(written.re));
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
