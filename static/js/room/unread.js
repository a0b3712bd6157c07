/**
 * What others have said that the reader has not seen yet, and where it begins. Pure.
 *
 * The mark stands before the first such message. It stays until it was seen and the reader has gone away again, or
 * until, after it was seen, something else comes that the reader does not see.
 *
 * @typedef {object} Arrived a record that counts: of another visitor
 * @property {number} seq
 * @property {boolean} toMe whether it is a whisper to the reader or mentions them
 *
 * @typedef {object} Mark
 * @property {number} after what others said after this `seq` is new
 * @property {number} first the `seq` of the first of it that is known
 */

export class Unread {
  /** @type {Arrived[]} ascending by `seq` */
  #waiting = [];
  /** @type {Mark | undefined} */
  #mark;
  #markSeen = false;
  #sinceMark = 0;

  /** How much is unread. */
  get count() {
    return this.#waiting.length;
  }

  /** How much of it is addressed to the reader. */
  get mentions() {
    return this.#waiting.filter(({ toMe }) => toMe).length;
  }

  get mark() {
    return this.#mark;
  }

  /** How much has come since the mark, if it was not seen yet. */
  get sinceMark() {
    return this.#markSeen ? 0 : this.#sinceMark;
  }

  /**
   * Something has come that the reader does not see.
   * @param {Arrived} arrived
   * @param {number} after the `seq` up to which the reader had seen everything, if nothing else is unread
   */
  arrived(arrived, after) {
    const { seq } = arrived;
    if (!this.#mark || (this.#markSeen && !this.#waiting.length)) this.#setMark({ after, first: seq });
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1].seq > seq) at--;
    this.#waiting.splice(at, 0, arrived);
    this.#sinceMark++;
  }

  /**
   * Set the mark as it was before the page was reloaded.
   * @param {Mark} mark
   * @param {number} since how much of what the page shows has come since
   */
  restoreMark(mark, since) {
    this.#setMark(mark);
    this.#sinceMark = since;
  }

  /** @param {number} seq up to which the reader has seen everything */
  saw(seq) {
    this.#waiting = this.#waiting.filter((arrived) => arrived.seq > seq);
  }

  /** The reader has seen the mark, or what is after it no longer interests them. */
  sawMark() {
    this.#markSeen = true;
  }

  /** @param {number} seq of a record that was deleted */
  forget(seq) {
    this.#waiting = this.#waiting.filter((arrived) => arrived.seq !== seq);
  }

  /** The reader goes away. */
  leave() {
    if (this.#markSeen && !this.#waiting.length) this.#mark = undefined;
  }

  /**
   * @param {number} last the latest `seq`
   * @returns {{seq: number, mark?: Mark}} up to where the reader has seen everything, and the mark if they have not seen it
   */
  position(last) {
    const seq = this.#waiting.length ? Math.min(this.#waiting[0].seq - 1, last) : last;
    return this.#mark && !this.#markSeen ? { seq, mark: this.#mark } : { seq };
  }

  /** @param {Mark} mark */
  #setMark(mark) {
    this.#mark = mark;
    this.#markSeen = false;
    this.#sinceMark = 0;
  }
}
