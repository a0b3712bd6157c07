/**
 * What a room's page holds: the records it has, by `seq`, and what was sent from here and is no record yet, by `nonce`.
 *
 * Pure: it decides what becomes one line and what does not; `Conversation` shows it. A message of one's own arrives in
 * up to three ways, in any order and more than once: the acknowledgement (`seq` alone), the answer to a POST and the
 * event on the socket (both the record). Whatever comes, each record is one line.
 */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class Timeline {
  /** @type {Set<number>} */
  #seqs = new Set();
  /** @type {Map<string, number | null>} nonce → its record's `seq`, as soon as that is known */
  #pending = new Map();

  /** @returns {[nonce: string, seq: number | null][]} what was sent and is no line yet; `seq` once it is acknowledged */
  get pending() {
    return [...this.#pending];
  }

  /** The `seq` of the oldest record here, or Infinity. */
  oldest = Infinity;

  /**
   * Something was sent, or is about to be.
   * @param {string} nonce
   */
  pend(nonce) {
    this.#pending.set(nonce, null);
  }

  /**
   * A record came, from wherever.
   * @param {Pick<ChatRecord, "seq" | "nonce">} record
   * @returns {{fresh: boolean, settled: string | null}} whether it needs a line, and the nonce whose pending line goes
   */
  add({ seq, nonce }) {
    const fresh = !this.#seqs.has(seq);
    this.#seqs.add(seq);
    this.oldest = Math.min(this.oldest, seq);
    const settled = nonce !== undefined && this.#pending.has(nonce) ? nonce : this.#pendingAs(seq);
    if (settled !== null) this.#pending.delete(settled);
    return { fresh, settled };
  }

  /**
   * The server has taken what was sent.
   * @param {string} nonce
   * @param {number} seq
   * @returns {"settled" | "awaited" | "unknown"} its record is here already, still to come, or it was settled before
   */
  acknowledge(nonce, seq) {
    if (!this.#pending.has(nonce)) return "unknown";
    if (!this.#seqs.has(seq)) {
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
}
