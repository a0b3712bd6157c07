/**
 * Receives records and pending messages from everywhere, and adds, updates and removes their lines.
 *
 * Only a range of the room's records has lines (shown_range.js). The history (history.js) loads older and newer ones when
 * the reader scrolls there.
 */

import { markFailed, markHeld, markSending, markTaken, markUnderway, pendingLine, pointAt, recordLine, showProgress } from "./line.js";
import { quoteOf } from "./quote.js";
import { RecentRecords } from "./recent.js";
import { Said } from "./said.js";
import { LINES_AT_END, MAX_LINES, ShownRange } from "./shown_range.js";
import { Timeline } from "./timeline.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./line.js").Pending} Pending
 * @typedef {import("./list.js").ChatList} ChatList
 * @typedef {Pick<import("./scroll.js").Scroll, "reader" | "changed" | "shrank" | "keep" | "use" | "follow" | "toEnd" | "toLine">} Scroller
 */

/** How many recent records are kept as data, in rooms with and without stored records. */
const RECENT = { kept: 300, ephemeral: 5000 };

export class Conversation {
  #timeline = new Timeline();
  #list;
  #scroll;
  #me;
  #maxRecent;
  #recent;
  #range;
  #onSettled;
  #onChanged;
  #onDrawn;
  #onEndWanted;
  #onArrived;
  #onMoved;

  /**
   * @param {ChatList} list
   * @param {Scroller} scroll
   * @param {object} page
   * @param {string} page.user the visitor's own colour
   * @param {number} page.seq covers the records of the list, and those before them
   * @param {boolean} page.keeps whether the room stores its records
   * @param {object} listener
   * @param {(nonce: string) => void} listener.onSettled what was sent with this nonce is a record now
   * @param {(record: ChatRecord) => void} listener.onChanged it has changed; it may have no line
   * @param {(line: HTMLElement) => void} listener.onDrawn it is made from a record and not on the page yet
   * @param {() => void} listener.onEndWanted requests `showLatest`
   * @param {(records: ChatRecord[]) => void} listener.onArrived the latest, which are new to the page
   * @param {() => void} listener.onMoved lines were added or removed; those in view stay in place
   */
  constructor(list, scroll, { user, seq, keeps }, listener) {
    const { onSettled, onChanged, onDrawn, onEndWanted, onArrived, onMoved } = listener;
    this.#list = list;
    this.#scroll = scroll;
    this.#me = user;
    this.#maxRecent = keeps ? RECENT.kept : RECENT.ephemeral;
    this.#onSettled = onSettled;
    this.#onChanged = onChanged;
    this.#onDrawn = onDrawn;
    this.#onEndWanted = onEndWanted;
    this.#onArrived = onArrived;
    this.#onMoved = onMoved;
    this.#recent = new RecentRecords(seq, this.#maxRecent, user);
    this.#range = new ShownRange(seq + 1);
    list.whenFolding((fold, change) => scroll.use(fold, change));
    for (const record of list.drawn()) {
      this.#timeline.add(record);
      this.#range.add(record.seq);
      this.#range.startAt(record.seq);
    }
  }

  /** The records that have lines. */
  get range() {
    return this.#range;
  }

  /** The latest records received. */
  get recent() {
    return this.#recent;
  }

  /** @param {ChatRecord[]} records in any order, known ones too, and in any state */
  receive(records) {
    let news = false;
    let shrank = false;
    const { others } = this.#list;
    const fresh = [];
    const arrived = [];
    for (const told of records) {
      const record = this.#newest(told);
      const latest = this.#recent.add(record);
      if (latest) arrived.push(record);
      const where = this.#range.where(record.seq);
      if (where === "inside") {
        const { isNew, changed, settled } = this.#take(record);
        shrank ||= changed || settled;
        if (isNew) fresh.push(record);
        news ||= isNew && !settled;
      } else {
        // It gets a line when the history loads it, between its neighbours.
        const settled = this.#settle(record);
        news ||= where === "newer" && latest && !settled;
      }
    }
    this.#draw(fresh, false);
    if (shrank || this.#list.others !== others) this.#scroll.shrank();
    this.#scroll.changed(news);
    if (arrived.length) this.#onArrived(arrived);
  }

  /**
   * @param {ChatRecord[]} records the last ones before those shown, oldest first
   * @param {boolean} more whether there are earlier ones
   * @param {number} [reader] the `seq` to keep near, instead of that being read
   */
  receiveOlder(records, more, reader) {
    this.#range.startAt(records[0]?.seq ?? this.#range.start);
    this.#drawTold(records, more, reader);
  }

  /**
   * @param {ChatRecord[]} records the first ones after those shown, oldest first
   * @param {number} end they are all up to this `seq`
   */
  receiveNewer(records, end) {
    this.#range.endAt(this.#isLatest(end) ? Infinity : end);
    this.#drawTold(records, this.#list.hasOlder);
  }

  /**
   * Show another part of the room.
   * @param {ChatRecord[]} records without a gap, oldest first
   * @param {boolean} more whether there are earlier ones
   * @param {number} end they are all up to this `seq`; Infinity for the latest
   */
  show(records, more, end) {
    this.#list.clear();
    this.#timeline.clear();
    const start = records[0]?.seq ?? this.#recent.since + 1;
    this.#range = new ShownRange(start, this.#isLatest(end) ? Infinity : end);
    this.#drawTold(records, more);
  }

  /**
   * Show the latest records and scroll to the end.
   * @param {ChatRecord[]} records the latest, oldest first
   * @param {boolean} more whether there are earlier ones
   */
  showLatest(records, more) {
    const last = records.at(-1)?.seq ?? 0;
    this.show([...records, ...this.#recent.after(last, MAX_LINES)].slice(-MAX_LINES), more, Infinity);
    this.#scroll.toEnd();
  }

  /** Scroll to the latest record, loading it if necessary. */
  toEnd() {
    this.#scroll.toEnd();
    if (!this.#range.live) this.#onEndWanted();
  }

  /**
   * Start over with these records; all others no longer exist. What is being sent stays.
   * @param {ChatRecord[]} records the latest, oldest first
   * @param {boolean} more whether there are earlier ones
   * @param {number} seq up to which these are the latest
   */
  begin(records, more, seq) {
    const { pending } = this.#timeline;
    this.#timeline = new Timeline();
    this.#recent = new RecentRecords(seq, this.#maxRecent, this.#me);
    for (const [nonce, itsSeq] of pending) {
      if (itsSeq === null) this.#timeline.pend(nonce);
      else this.#list.removePending(nonce); // its record was lost with the others
    }
    this.showLatest(records, more);
  }

  /** @param {number} end */
  #isLatest(end) {
    return end >= this.#recent.last;
  }

  /**
   * Draw records from the history.
   * @param {ChatRecord[]} told oldest first
   * @param {boolean} more whether there are earlier ones than those shown
   * @param {number} [reader]
   */
  #drawTold(told, more, reader) {
    const records = told.map((record) => this.#newest(record));
    const fresh = records.filter((record) => this.#take(record).isNew);
    this.#draw(fresh, true, more, reader);
  }

  /**
   * Add lines, and remove as many as there are too many.
   * @param {ChatRecord[]} records without a line
   * @param {boolean} quietly they come from the history, and no line belongs between them
   * @param {boolean} [more] whether there are earlier ones than those shown
   * @param {number} [reader] the `seq` to keep near, instead of that being read
   */
  #draw(records, quietly, more = this.#list.hasOlder, reader = undefined) {
    const range = this.#range;
    for (const { seq } of records) range.add(seq);
    const limit = Math.max(1, MAX_LINES - this.#list.others);
    const { start } = range;
    const many = range.size > Math.min(limit, LINES_AT_END);
    const dropped = many ? range.trim(reader ?? this.#scroll.reader, limit, this.#list.folded) : [];
    const gone = new Set(dropped);
    const kept = records.filter(({ seq }) => !gone.has(seq));
    const lines = kept.map((record) => this.#line(record));
    const change = () => {
      this.#forget(dropped);
      if (quietly) this.#list.addQuietly(lines, kept);
      else for (const [at, line] of lines.entries()) this.#list.add(line, kept[at]);
      this.#list.arrange();
      this.#list.showMore(more || range.start > start, !range.live);
      this.#onMoved();
    };
    if (quietly || dropped.length) this.#scroll.keep(change);
    else change();
    this.#scroll.follow(range.live);
  }

  /** @param {number[]} seqs whose lines are removed */
  #forget(seqs) {
    for (const seq of seqs) {
      const line = this.#list.line(seq);
      const mine = line ? new Said(line).ownReactions : [];
      if (mine.length) this.#recent.setOwnReactions(seq, mine);
    }
    this.#timeline.forget(seqs);
    this.#list.remove(seqs);
  }

  /**
   * @param {ChatRecord} record in the range
   * @returns {{isNew: boolean, changed: boolean, settled: boolean}} whether it needs a line; whether its line was
   *   redrawn; whether it had a pending one
   */
  #take(record) {
    const { fresh, changed, settled } = this.#timeline.add(record);
    if (changed) this.#redraw(record);
    if (record.nonce !== undefined) this.#onSettled(record.nonce);
    if (settled !== null) this.#list.removePending(settled);
    return { isNew: fresh, changed, settled: settled !== null };
  }

  /**
   * @param {ChatRecord} record outside the range
   * @returns {boolean} whether it had a pending line
   */
  #settle(record) {
    if (record.nonce !== undefined) this.#onSettled(record.nonce);
    const settled = this.#timeline.settle(record);
    if (settled !== null) this.#list.removePending(settled);
    return settled !== null;
  }

  /**
   * @param {ChatRecord} told
   * @returns {ChatRecord} its newest known state
   */
  newest(told) {
    return this.#timeline.newest(told);
  }

  /** @param {ChatRecord} told */
  #newest(told) {
    if (this.#timeline.note(told)) {
      // Immediately, without waiting for the replies' own updates: deleted text must disappear everywhere.
      this.#list.requote(quoteOf(told));
      this.#recent.change(told);
      this.#onChanged(told);
    }
    return this.#timeline.newest(told);
  }

  /** @param {ChatRecord} record that has changed */
  #redraw(record) {
    const line = this.#list.line(record.seq);
    if (line) this.#list.redraw(line, this.#line(record, line), record);
  }

  /**
   * @param {ChatRecord} record
   * @param {HTMLElement} [before] its previous line
   */
  #line(record, before) {
    const line = recordLine(record, this.#me, before);
    this.#onDrawn(line);
    return line;
  }

  /**
   * @param {import("../wire.js").Quote} quote an earlier state
   * @returns {import("../wire.js").Quote} the state of its line, if it has one
   */
  quote(quote) {
    const line = this.#list.lineOf(quote._id);
    return line ? new Said(line).quote : quote;
  }

  /**
   * Scroll to a record and mark it.
   * @param {number} seq
   * @returns {boolean} whether it has a line
   */
  reveal(seq) {
    const line = this.#list.line(seq);
    if (!line) return false;
    this.#list.unfold(line);
    this.#scroll.toLine(line);
    pointAt(line);
    return true;
  }

  /**
   * Add a line for something that is being sent.
   * @param {Pending} pending
   */
  pend(pending) {
    this.#timeline.pend(pending.nonce);
    const re = pending.re && this.quote(pending.re);
    this.#list.addPending(pending.nonce, pendingLine({ ...pending, re }), { ...pending, re });
    this.#draw([], false);
    this.toEnd();
  }

  /**
   * The server has accepted it, but others do not see it yet.
   * @param {Pending} pending
   * @param {string} text that says so
   */
  hold(pending, text) {
    if (!this.#list.pending(pending.nonce)) this.pend(pending);
    const line = this.#list.pending(pending.nonce);
    if (line) markHeld(line, text);
  }

  /**
   * The server has accepted it; its record may or may not have arrived.
   * @param {string} nonce
   * @param {number} seq
   */
  acknowledge(nonce, seq) {
    const outcome = this.#timeline.acknowledge(nonce, seq);
    const line = this.#list.pending(nonce);
    if (outcome === "settled") this.#removePending(nonce);
    else if (line) markTaken(line);
  }

  /**
   * Show the state of an upload, which can still be cancelled.
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
  }

  /** @param {string} nonce of a failed one that is being retried */
  retry(nonce) {
    const line = this.#list.pending(nonce);
    if (line) markSending(line);
  }

  /** @param {string} nonce of one that its sender discards */
  discard(nonce) {
    this.#timeline.discard(nonce);
    this.#removePending(nonce);
  }

  /** @param {string} nonce */
  #removePending(nonce) {
    this.#list.removePending(nonce);
    this.#list.arrange();
    this.#scroll.shrank();
  }
}
