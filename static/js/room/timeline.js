/**
 * What a room's page holds: the records it shows, by `seq`, and what was sent from here and is no record yet, by `nonce`.
 *
 * Pure: it decides what becomes one line and what does not; `Conversation` shows it. A message of one's own arrives in
 * up to three ways, in any order and more than once: the acknowledgement (`seq` alone), the answer to a POST and the
 * event on the socket (both the record). Whatever comes, each record is one line.
 *
 * A record that changes is told anew, whole, with a higher `rev`. That may come twice, late, or before an answer that
 * was under way from before the change: of two states of one record the one with the higher `rev` holds.
 */

import { quoteOf } from "./quote.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

/**
 * Changes that are remembered. An answer can only be older than a change if it was on its way when that was told; by the
 * time so many others were, it has come.
 */
const MAX_CHANGES = 1000;

export class Timeline {
  /** @type {Map<number, number>} seq → the `rev` of the state that is shown, 0 for none */
  #shown = new Map();
  /** @type {Map<string, ChatRecord>} by `_id`: the newest states known of what changed last, be it shown here or not */
  #changed = new Map();
  /** @type {Map<string, number | null>} nonce → its record's `seq`, as soon as that is known */
  #pending = new Map();

  /** @returns {[nonce: string, seq: number | null][]} what was sent and is no line yet; `seq` once it is acknowledged */
  get pending() {
    return [...this.#pending];
  }

  /**
   * Something was sent, or is about to be.
   * @param {string} nonce
   */
  pend(nonce) {
    this.#pending.set(nonce, null);
  }

  /**
   * Remember what a record has become, whether it is shown here, only quoted, or still to come with the history.
   * @param {ChatRecord} record
   * @returns {boolean} whether that is news
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
   * @param {ChatRecord} record as somebody tells it
   * @returns {ChatRecord} as it is, for all that is known here, and with what it quotes as that is
   */
  newest(record) {
    const known = this.#changed.get(record._id);
    const newest = known && (known.rev ?? 0) > (record.rev ?? 0) ? known : record;
    const re = newest.re && this.#quote(newest.re, newest.rev ?? newest.seq);
    return re === newest.re ? newest : { ...newest, re };
  }

  /**
   * A record came, from wherever.
   * @param {Pick<ChatRecord, "seq" | "rev" | "nonce">} record
   * @returns {{fresh: boolean, changed: boolean, settled: string | null}} whether it needs a line, or its line is to be
   *   drawn again, and the nonce whose pending line goes
   */
  add({ seq, rev = 0, nonce }) {
    const shown = this.#shown.get(seq);
    const fresh = shown === undefined;
    const changed = !fresh && rev > shown;
    if (fresh || changed) this.#shown.set(seq, rev);
    return { fresh, changed, settled: this.settle({ seq, nonce }) };
  }

  /**
   * Something that was sent is a record now, shown or not.
   * @param {Pick<ChatRecord, "seq" | "nonce">} record
   * @returns {string | null} the nonce whose pending line goes
   */
  settle({ seq, nonce }) {
    const settled = nonce !== undefined && this.#pending.has(nonce) ? nonce : this.#pendingAs(seq);
    if (settled !== null) this.#pending.delete(settled);
    return settled;
  }

  /** @param {number[]} seqs of records that are no longer shown */
  forget(seqs) {
    for (const seq of seqs) this.#shown.delete(seq);
  }

  /** No record is shown any more. */
  clear() {
    this.#shown.clear();
  }

  /**
   * The server has taken what was sent.
   * @param {string} nonce
   * @param {number} seq
   * @returns {"settled" | "awaited" | "unknown"} its record is here already, still to come, or it was settled before
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
   * Given up by its writer.
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
   * @param {number} asOf the `rev` at which it was so
   * @returns {Quote} as it is
   */
  #quote(re, asOf) {
    const original = this.#changed.get(re._id);
    return original && (original.rev ?? 0) > asOf ? quoteOf(original) : re;
  }
}
