/**
 * The records that the page shows, by `seq`, and what was sent from it and is not a record yet, by `nonce`.
 *
 * Pure: it decides what gets a line; `Conversation` draws it. The visitor's own message arrives in up to three ways, in
 * any order and more than once: the acknowledgement (only the `seq`), the response to a POST and the event on the socket
 * (both with the record). In any case, each record gets one line.
 *
 * When a record changes, the server sends all of it again, with a higher `rev`. That may arrive twice, late, or before a
 * response from before the change: of two states of a record, the one with the higher `rev` is valid.
 */

import { quoteOf } from "./quote.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

/**
 * Changes to remember. Only a response that was on its way during a change can be older than it; after so many other
 * changes, it has arrived.
 */
const MAX_CHANGES = 1000;

export class Timeline {
  /** @type {Map<number, number>} seq → the `rev` of its line, or 0 */
  #shown = new Map();
  /** @type {Map<string, ChatRecord>} by `_id`: the latest changes, including those to records without a line */
  #changed = new Map();
  /** @type {Map<string, number | null>} nonce → its record's `seq`, once known */
  #pending = new Map();

  /** @returns {[nonce: string, seq: number | null][]} what was sent and is not a record yet; `seq` once acknowledged */
  get pending() {
    return [...this.#pending];
  }

  /**
   * Something is being sent.
   * @param {string} nonce
   */
  pend(nonce) {
    this.#pending.set(nonce, null);
  }

  /**
   * Remember a record's new state. It may have a line, be quoted in one, or arrive later with the history.
   * @param {ChatRecord} record
   * @returns {boolean} whether the state is new
   */
  note(record) {
    const { _id, rev = 0 } = record;
    if (rev <= (this.#changed.get(_id)?.rev ?? 0)) return false;
    this.#changed.delete(_id);
    this.#changed.set(_id, record);
    if (this.#changed.size > MAX_CHANGES) this.#changed.delete(this.#changed.keys().next().value ?? "");
    return true;
  }

  /**
   * @param {ChatRecord} record as it arrived
   * @returns {ChatRecord} its newest known state, with the newest known quote
   */
  newest(record) {
    const known = this.#changed.get(record._id);
    const newest = known && (known.rev ?? 0) > (record.rev ?? 0) ? known : record;
    const re = newest.re && this.#quote(newest.re, newest.rev ?? newest.seq);
    return re === newest.re ? newest : { ...newest, re };
  }

  /**
   * A record has arrived.
   * @param {Pick<ChatRecord, "seq" | "rev" | "nonce">} record
   * @returns {{fresh: boolean, changed: boolean, settled: string | null}} whether it needs a line; whether its
   *   line must be redrawn; the nonce whose pending line it replaces
   */
  add({ seq, rev = 0, nonce }) {
    const shown = this.#shown.get(seq);
    const fresh = shown === undefined;
    const changed = !fresh && rev > shown;
    if (fresh || changed) this.#shown.set(seq, rev);
    return { fresh, changed, settled: this.settle({ seq, nonce }) };
  }

  /**
   * Something that was sent is a record now; it may have no line.
   * @param {Pick<ChatRecord, "seq" | "nonce">} record
   * @returns {string | null} the nonce whose pending line it replaces
   */
  settle({ seq, nonce }) {
    const settled = nonce !== undefined && this.#pending.has(nonce) ? nonce : this.#pendingAs(seq);
    if (settled !== null) this.#pending.delete(settled);
    return settled;
  }

  /** @param {number[]} seqs of records whose lines are removed */
  forget(seqs) {
    for (const seq of seqs) this.#shown.delete(seq);
  }

  /** Forget all lines. */
  clear() {
    this.#shown.clear();
  }

  /**
   * The server has accepted what was sent.
   * @param {string} nonce
   * @param {number} seq
   * @returns {"settled" | "awaited" | "unknown"} its record has arrived, has not arrived yet, or the nonce is not pending
   */
  acknowledge(nonce, seq) {
    if (!this.#pending.has(nonce)) return "unknown";
    if (!this.#shown.has(seq)) {
      this.#pending.set(nonce, seq);
      return "awaited";
    }
    this.#pending.delete(nonce);
    return "settled";
  }

  /**
   * The sender has discarded it.
   * @param {string} nonce
   */
  discard(nonce) {
    this.#pending.delete(nonce);
  }

  /** @param {number} seq */
  #pendingAs(seq) {
    for (const [nonce, itsSeq] of this.#pending) if (itsSeq === seq) return nonce;
    return null;
  }

  /**
   * @param {Quote} re
   * @param {number} asOf the `rev` of this state
   * @returns {Quote} its newest known state
   */
  #quote(re, asOf) {
    const original = this.#changed.get(re._id);
    return original && (original.rev ?? 0) > asOf ? quoteOf(original) : re;
  }
}
