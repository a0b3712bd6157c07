/**
 * Which of a room's records the page shows: every record from one place to another, up to a maximum.
 *
 * A room's records are known by `seq`. The range has no gaps: all records from `start` to `end` are in it. While it
 * reaches the room's latest record, its end is open (Infinity) and what is said now belongs to it. Pure.
 */

/** Records, and with them lines that the browser lays out. */
export const MAX_LINES = 300;

/** Dropped at once while the reader follows the latest, so that not every message drops a line. */
const SLACK = 50;

export class ShownRange {
  /** @type {number[]} ascending */
  #seqs = [];
  #start;
  #end;

  /**
   * @param {number} start
   * @param {number} [end]
   */
  constructor(start, end = Infinity) {
    this.#start = start;
    this.#end = end;
  }

  /** Records before this `seq` are older than the page. */
  get start() {
    return this.#start;
  }

  /** Records after this `seq` are newer than the page. */
  get end() {
    return this.#end;
  }

  /** Whether it reaches the room's latest record. */
  get live() {
    return this.#end === Infinity;
  }

  /** How many records it has. */
  get size() {
    return this.#seqs.length;
  }

  /** @param {number} seq @returns {boolean} whether this record is shown */
  has(seq) {
    return this.#seqs.includes(seq);
  }

  /** @param {number} seq @returns {"older" | "inside" | "newer"} */
  where(seq) {
    if (seq < this.#start) return "older";
    return seq > this.#end ? "newer" : "inside";
  }

  /** @param {number} seq inside */
  add(seq) {
    let at = this.#seqs.length;
    while (at > 0 && this.#seqs[at - 1] > seq) at--;
    if (this.#seqs[at - 1] !== seq) this.#seqs.splice(at, 0, seq);
  }

  /** @param {number} start from which on all records are being added */
  startAt(start) {
    this.#start = Math.min(this.#start, start);
  }

  /** @param {number} end up to which all records are being added */
  endAt(end) {
    this.#end = Math.max(this.#end, end);
  }

  /**
   * Drop what is farthest from the reader.
   * @param {number} reader the `seq` that is being read, or Infinity for whoever follows the latest
   * @param {number} [limit] records to keep
   * @returns {number[]} what was dropped
   */
  trim(reader, limit = MAX_LINES) {
    const size = this.#seqs.length;
    if (size <= limit) return [];
    const kept = reader === Infinity ? Math.max(1, limit - SLACK) : limit;
    const above = this.#seqs.filter((seq) => seq < reader).length;
    const first = Math.min(Math.max(0, above - (kept >> 1)), size - kept);
    const newer = this.#seqs.splice(first + kept);
    const older = this.#seqs.splice(0, first);
    if (older.length) this.#start = older[older.length - 1] + 1;
    if (newer.length) this.#end = newer[0] - 1;
    return [...older, ...newer];
  }
}
