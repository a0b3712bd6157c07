/**
 * A room's latest records as plain data: all that the page was told of since a certain `seq`, shown or not.
 *
 * With it a reader further up comes back to the latest without a gap, however fast others talk. Of an ephemeral room it
 * is all there is to scroll back to. Pure.
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
   * @param {number} since the `seq` up to which the page had the latest records when it was opened
   * @param {number} limit records to keep
   * @param {string} me one's own colour
   */
  constructor(since, limit, me) {
    this.#since = since;
    this.#limit = limit;
    this.#me = me;
  }

  /** Only what came after this `seq` is here. */
  get since() {
    return this.#since;
  }

  /** The `seq` of the latest record. */
  get last() {
    return this.#records.at(-1)?.seq ?? this.#since;
  }

  /**
   * @param {ChatRecord} record as it is now
   * @returns {boolean} whether it is new here
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

  /** @param {ChatRecord} record that has changed: it, and what quotes it, is kept as it is now */
  change(record) {
    const quote = quoteOf(record);
    this.#records.forEach((old, at) => {
      if (old.seq === record.seq) this.#records[at] = { ...record, mine: record.mine ?? this.#mine(old, record) };
      else if (old.re?._id === record._id) this.#records[at] = { ...old, re: quote };
    });
  }

  /**
   * @param {number} seq
   * @param {string[]} mine the emoji that its reader has given
   */
  setOwnReactions(seq, mine) {
    const at = this.#records.findIndex((record) => record.seq === seq);
    if (at >= 0) this.#records[at] = { ...this.#records[at], mine };
  }

  /**
   * @param {number} seq
   * @param {number} limit
   * @returns {ChatRecord[]} the last of those before it, oldest first; there may be earlier ones elsewhere
   */
  before(seq, limit) {
    return this.#records.filter((record) => record.seq < seq).slice(-limit);
  }

  /**
   * @param {number} seq not before `since`
   * @param {number} limit
   * @returns {ChatRecord[]} the first of those after it, oldest first
   */
  after(seq, limit) {
    return this.#records.filter((record) => record.seq > seq).slice(0, limit);
  }

  /**
   * @param {ChatRecord} old
   * @param {ChatRecord} record a later state, which does not tell
   */
  #mine({ mine }, record) {
    return mine && given(record, this.#me, mine).flatMap((one) => (one.mine ? one.emoji : []));
  }
}
