/** Keeps the list of lines in step with the timeline: whatever comes, from wherever, is told here. */

import { markFailed, markSending, markTaken, markUnderway, pendingLine, pointAt, recordLine, showProgress } from "./line.js";
import { quoteOf } from "./quote.js";
import { Said } from "./said.js";
import { Timeline } from "./timeline.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./line.js").Pending} Pending
 * @typedef {import("./list.js").ChatList} ChatList
 * @typedef {import("./scroll.js").Scroll} Scroll
 */

export class Conversation {
  #timeline = new Timeline();
  #list;
  #scroll;
  #me;
  #drawn;
  #onSettled;
  #onChanged;

  /**
   * @param {ChatList} list
   * @param {Scroll} scroll
   * @param {string} me one's own colour
   * @param {number} drawn the `seq` up to which the list has the latest records, and the history those before
   * @param {object} listener
   * @param {(nonce: string) => void} listener.onSettled what was sent under this nonce is a record now
   * @param {(record: ChatRecord) => void} listener.onChanged it has changed, be it shown or not
   */
  constructor(list, scroll, me, drawn, { onSettled, onChanged }) {
    this.#list = list;
    this.#scroll = scroll;
    this.#me = me;
    this.#drawn = drawn;
    this.#onSettled = onSettled;
    this.#onChanged = onChanged;
    for (const record of list.drawn()) this.#timeline.add(record);
  }

  /** The `seq` of the oldest record shown, or Infinity. */
  get oldest() {
    return this.#timeline.oldest;
  }

  /** @param {ChatRecord[]} records in any order, known ones too, and in any of their states */
  receive(records) {
    let news = false;
    for (const told of records) {
      const record = this.#newest(told);
      if (record.nonce !== undefined) this.#onSettled(record.nonce);
      // What is answered as sent long ago has its place in the history, with all that lies between.
      if (record.seq <= this.#drawn && record.seq < this.oldest) {
        if (record.nonce !== undefined) this.discard(record.nonce);
        continue;
      }
      const { fresh, changed, settled } = this.#timeline.add(record);
      if (fresh) this.#list.add(recordLine(record, this.#me));
      if (changed) this.#redraw(record);
      if (settled !== null) this.#list.removePending(settled);
      news ||= fresh && settled === null;
    }
    this.#scroll.changed(news);
  }

  /** @param {ChatRecord[]} records from before all that is shown, oldest first */
  receiveOlder(records) {
    const fresh = records.map((told) => this.#newest(told)).filter((record) => this.#timeline.add(record).fresh);
    this.#scroll.keep(() => this.#list.addOlder(fresh.map((record) => recordLine(record, this.#me))));
  }

  /**
   * All records that were here are no more: begin with these. What waits to be sent stays.
   * @param {ChatRecord[]} records the latest, oldest first
   * @param {number} drawn the `seq` up to which these are the latest
   */
  begin(records, drawn) {
    const { pending } = this.#timeline;
    this.#timeline = new Timeline();
    for (const [nonce, seq] of pending) {
      if (seq === null) this.#timeline.pend(nonce);
      else this.#list.removePending(nonce); // it was a record, and was lost with the others
    }
    for (const { nonce } of records) {
      if (nonce === undefined) continue;
      this.#onSettled(nonce);
      this.discard(nonce);
    }
    this.#list.clear();
    this.#drawn = drawn;
    this.receiveOlder(records);
    this.#scroll.toEnd();
  }

  /**
   * @param {ChatRecord} told
   * @returns {ChatRecord} as it is, for all that is known here
   */
  newest(told) {
    return this.#timeline.newest(told);
  }

  /** @param {ChatRecord} told */
  #newest(told) {
    if (this.#timeline.note(told)) {
      // At once, and not only when each reply is told anew: what was deleted is to be seen nowhere.
      this.#list.requote(quoteOf(told));
      this.#onChanged(told);
    }
    return this.#timeline.newest(told);
  }

  /** @param {ChatRecord} record that has changed */
  #redraw(record) {
    const line = this.#list.line(record.seq);
    if (line) this.#list.redraw(line, recordLine(record, this.#me, line), record.re);
  }

  /**
   * @param {import("../wire.js").Quote} quote as it was once
   * @returns {import("../wire.js").Quote} as the page shows its record, if it does
   */
  quote(quote) {
    const line = this.#list.lineOf(quote._id);
    return line ? new Said(line).quote : quote;
  }

  /**
   * Lead the reader to a record.
   * @param {number} seq
   * @returns {boolean} whether it is on the page
   */
  reveal(seq) {
    const line = this.#list.line(seq);
    if (!line) return false;
    this.#scroll.toLine(line);
    pointAt(line);
    return true;
  }

  /**
   * Show at once what is being sent.
   * @param {Pending} pending
   */
  pend(pending) {
    this.#timeline.pend(pending.nonce);
    const re = pending.re && this.quote(pending.re);
    this.#list.addPending(pending.nonce, pendingLine({ ...pending, re }));
    this.#scroll.toEnd();
  }

  /**
   * The server has taken it; its record may be here already, or still to come.
   * @param {string} nonce
   * @param {number} seq
   */
  acknowledge(nonce, seq) {
    const outcome = this.#timeline.acknowledge(nonce, seq);
    const line = this.#list.pending(nonce);
    if (outcome === "settled") this.#list.removePending(nonce);
    else if (line) markTaken(line);
  }

  /**
   * How far it is with an image, which can still be called back.
   * @param {string} nonce
   * @param {string} text
   */
  underway(nonce, text) {
    const line = this.#list.pending(nonce);
    if (line) markUnderway(line, text);
  }

  /**
   * @param {string} nonce
   * @param {number} done from 0 to 1
   */
  progress(nonce, done) {
    const line = this.#list.pending(nonce);
    if (line) showProgress(line, done);
  }

  /**
   * @param {string} nonce
   * @param {string} text why
   * @param {boolean} again whether sending it again makes sense
   */
  fail(nonce, text, again) {
    const line = this.#list.pending(nonce);
    if (line) markFailed(line, text, again);
    this.#scroll.changed(false);
  }

  /** @param {string} nonce of a failed one that is sent again */
  retry(nonce) {
    const line = this.#list.pending(nonce);
    if (line) markSending(line);
  }

  /** @param {string} nonce of one that its writer gives up */
  discard(nonce) {
    this.#timeline.discard(nonce);
    this.#list.removePending(nonce);
  }
}
