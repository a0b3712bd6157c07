/**
 * The range of a room's records that have lines on the page, by `seq`, and at most MAX_LINES of them.
 *
 * It has no gaps: all the room's records from `start` to `end` are in it. While it is live, it includes the latest record;
 * its end is Infinity, and new records are added. Pure.
 */

export const MAX_LINES = 300;

/**
 * For a reader at the end: each new line costs the browser something for every line there is. More than are in view, so
 * that a little way up nothing has to be loaded.
 */
export const LINES_AT_END = 150;

/** So many more are then removed at once, rather than one for each message. */
const SLACK = 30;

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

  /** Records before this `seq` are not shown. */
  get start() {
    return this.#start;
  }

  /** Records after this `seq` are not shown. */
  get end() {
    return this.#end;
  }

  /** Whether it includes the room's latest record. */
  get live() {
    return this.#end === Infinity;
  }

  /** The number of records in it. */
  get size() {
    return this.#seqs.length;
  }

  /** @param {number} seq @returns {boolean} whether the record is shown */
  has(seq) {
    return this.#seqs.includes(seq);
  }

  /** @param {number} seq @returns {"older" | "inside" | "newer"} */
  where(seq) {
    if (seq < this.#start) return "older";
    return seq > this.#end ? "newer" : "inside";
  }

  /** @param {number} seq between `start` and `end` */
  add(seq) {
    const seqs = this.#seqs;
    let [at, end] = [0, seqs.length];
    if (end && seqs[end - 1] < seq) at = end; // the latest
    while (at < end) {
      const middle = (at + end) >> 1;
      if (seqs[middle] < seq) at = middle + 1;
      else end = middle;
    }
    if (seqs[at] !== seq) seqs.splice(at, 0, seq);
  }

  /** @param {number} start the new start; the caller adds all records from there */
  startAt(start) {
    this.#start = Math.min(this.#start, start);
  }

  /** @param {number} end the new end; the caller adds all records up to there */
  endAt(end) {
    this.#end = Math.max(this.#end, end);
  }

  /**
   * Remove the records farthest from the reader.
   * @param {number} reader the `seq` of the line being read, or Infinity for a reader at the end
   * @param {number} [limit] records to keep
   * @param {number} [folded] how many of them take no room: as many more are kept for a reader at the end
   * @returns {number[]} the removed ones
   */
  trim(reader, limit = MAX_LINES, folded = 0) {
    const size = this.#seqs.length;
    const atEnd = reader === Infinity;
    const most = atEnd ? Math.min(limit, LINES_AT_END + folded) : limit;
    if (size <= most) return [];
    const kept = atEnd ? Math.max(1, most - SLACK) : limit;
    const above = this.#seqs.filter((seq) => seq < reader).length;
    const first = Math.min(Math.max(0, above - (kept >> 1)), size - kept);
    const newer = this.#seqs.splice(first + kept);
    const older = this.#seqs.splice(0, first);
    if (older.length) this.#start = older[older.length - 1] + 1;
    if (newer.length) this.#end = newer[0] - 1;
    return [...older, ...newer];
  }
}
