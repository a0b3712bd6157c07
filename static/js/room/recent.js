/**
 * The latest records that the page has received, with or without a line, up to a maximum.
 *
 * They let a reader further up return to the latest record without a gap, however fast new ones arrive. In an ephemeral
 * room, they are all that one can scroll back to. Pure.
 */

import { quoteOf } from "./quote.js";
import { given } from "./reactions.js";

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class RecentRecords {
  /** @type {ChatRecord[]} ascending by `seq` */
  #records = [];
  #since;
  #limit;
  #me;

  /**
   * @param {number} since the latest `seq` when the page was opened
   * @param {number} limit records to keep
   * @param {string} me the visitor's own colour
   */
  constructor(since, limit, me) {
    this.#since = since;
    this.#limit = limit;
    this.#me = me;
  }

  /** All records received after this `seq` are kept. */
  get since() {
    return this.#since;
  }

  /** The `seq` of the latest record received. */
  get last() {
    return this.#records.at(-1)?.seq ?? this.#since;
  }

  /**
   * @param {ChatRecord} record in its newest known state
   * @returns {boolean} whether it is new
   */
  add(record) {
    if (record.seq <= this.#since) return false;
    let at = this.#records.length;
    while (at > 0 && this.#records[at - 1].seq > record.seq) at--;
    if (this.#records[at - 1]?.seq === record.seq) return false;
    this.#records.splice(at, 0, record);
    if (this.#records.length > this.#limit) this.#since = /** @type {ChatRecord} */ (this.#records.shift()).seq;
    return true;
  }

  /** @param {ChatRecord} record that has changed; updates it and those that quote it */
  change(record) {
    const quote = quoteOf(record);
    this.#records.forEach((old, at) => {
      if (old.seq === record.seq) this.#records[at] = { ...record, mine: record.mine ?? this.#mine(old, record) };
      else if (old.re?._id === record._id) this.#records[at] = { ...old, re: quote };
    });
  }

  /**
   * @param {number} seq
   * @param {string[]} mine the visitor's own reactions
   */
  setOwnReactions(seq, mine) {
    const at = this.#records.findIndex((record) => record.seq === seq);
    if (at >= 0) this.#records[at] = { ...this.#records[at], mine };
  }

  /**
   * @param {number} seq
   * @param {number} limit
   * @returns {ChatRecord[]} the last records before it, oldest first
   */
  before(seq, limit) {
    return this.#records.filter((record) => record.seq < seq).slice(-limit);
  }

  /**
   * @param {number} seq not before `since`
   * @param {number} limit
   * @returns {ChatRecord[]} the first records after it, oldest first
   */
  after(seq, limit) {
    return this.#records.filter((record) => record.seq > seq).slice(0, limit);
  }

  /**
   * @param {ChatRecord} old
   * @param {ChatRecord} record a later state without `mine`
   */
  #mine({ mine }, record) {
    return mine && given(record, this.#me, mine).flatMap((one) => (one.mine ? one.emoji : []));
  }
}
