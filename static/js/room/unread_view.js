/**
 * Shows what the reader has not seen yet: a mark above the first of it, a button that leads to the mark, one that leads
 * to the end and counts, and the tab's title and icon while the page is hidden.
 */

import { part } from "../parts.js";
import { t } from "../texts.js";
import { Unread } from "./unread.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./list.js").ChatList} ChatList
 * @typedef {import("./scroll.js").Scroll} Scroll
 *
 * @typedef {object} Reader
 * @property {string} me their colour
 * @property {(said: Pick<ChatRecord, "chat" | "to">) => boolean} isToMe whether it is addressed to them
 * @property {(record: ChatRecord, toMe: boolean) => void} onUnseen somebody has said something that they do not see
 */

/** A larger number is not shown. */
const MOST = 99;

export class UnreadView {
  #unread = new Unread();
  #lines;
  #scroll;
  #sign;
  #latest;
  #toMark;
  #reader;
  #drawing = 0;
  #counted = "";
  /** The latest `seq` received. */
  #last = 0;

  /**
   * @param {ChatList} lines
   * @param {Scroll} scroll
   * @param {import("./tab_sign.js").TabSign} sign
   * @param {object} buttons
   * @param {HTMLElement} buttons.latest leads to the end
   * @param {HTMLElement} buttons.toMark leads to the mark
   * @param {Reader} reader
   */
  constructor(lines, scroll, sign, { latest, toMark }, reader) {
    this.#lines = lines;
    this.#scroll = scroll;
    this.#sign = sign;
    this.#latest = latest;
    this.#toMark = toMark;
    this.#reader = reader;
    lines.nameMark(t("js.unread.here"));
    scroll.onMoved = () => this.#drawSoon();
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#unread.leave();
      this.#draw();
    });
  }

  /** The `seq` of the first record after the mark that is known. */
  get marked() {
    return this.#unread.mark?.first;
  }

  /** Whether the reader sees what comes. */
  get #present() {
    return !document.hidden && this.#scroll.atEnd;
  }

  /**
   * The page was opened.
   * @param {number} last the latest `seq`
   * @param {import("./seen.js").Seen | null} seen up to where the reader had seen everything before
   */
  begin(last, seen) {
    this.#last = last;
    if (!seen) return;
    const said = this.#lines.said().filter(({ mine, seq }) => !mine && seq > Math.min(seen.seq, seen.mark?.after ?? Infinity));
    if (seen.mark) this.#unread.restoreMark(seen.mark, said.filter(({ seq }) => seq <= seen.seq).length);
    for (const { seq, chat, to } of said) {
      if (seq > seen.seq) this.#unread.arrived({ seq, toMe: this.#reader.isToMe({ chat, to }) }, seen.seq);
    }
    this.#drawSoon();
  }

  /** The records are replaced by others: none of them is new. @param {number} last the latest `seq` */
  beginAgain(last) {
    this.#unread = new Unread();
    this.#last = last;
    this.#drawSoon();
  }

  /**
   * @param {ChatRecord[]} records that are new to the page
   * @param {boolean} missed whether they came while it was offline
   */
  arrived(records, missed) {
    const seen = !missed && this.#present;
    for (const record of records) {
      const { seq, user } = record;
      const after = this.#last;
      this.#last = Math.max(this.#last, seq);
      if (user === this.#reader.me) this.#unread.sawMark();
      if (seen || user === this.#reader.me || user === "system" || record.deleted) continue;
      const toMe = this.#reader.isToMe(record);
      this.#unread.arrived({ seq, toMe }, after);
      if (!this.#present) this.#reader.onUnseen(record, toMe);
    }
    if (document.hidden) this.#draw(); // there are no frames
    else this.#drawSoon();
  }

  /** @param {ChatRecord} record that has changed */
  changed({ seq, deleted }) {
    if (!deleted) return;
    this.#unread.forget(seq);
    this.#draw();
  }

  /** Lines were added or removed: keep the mark where it is, before anybody sees them without it. */
  drawn() {
    if (this.#unread.mark) this.#lines.showMark(this.#unread.mark);
    this.#drawSoon();
  }

  #drawSoon() {
    this.#drawing ||= requestAnimationFrame(() => this.#draw());
  }

  /** What to keep across a reload. */
  get position() {
    return this.#unread.position(this.#last);
  }

  #draw() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = 0;
    const unread = this.#unread;
    const { atEnd } = this.#scroll;
    if (!this.#lines.shows(unread.mark)) this.#scroll.keep(() => this.#lines.showMark(unread.mark));
    if (!document.hidden) {
      if (unread.count) unread.saw(atEnd ? this.#last : this.#scroll.lowest);
      const line = this.#lines.marked;
      if (line && unread.sinceMark && this.#scroll.shows(line)) unread.sawMark();
    }
    const { count, mentions, sinceMark } = unread;
    if (this.#latest.hidden !== atEnd) this.#latest.hidden = atEnd;
    if (!atEnd) this.#count(count, mentions);
    const leads = atEnd && sinceMark > 0;
    if (this.#toMark.hidden === leads) this.#toMark.hidden = !leads;
    if (leads) part(this.#toMark, "text").textContent = t("js.unread.to_mark", { count: sinceMark });
    if (document.hidden) this.#sign.show(count, mentions);
    else this.#sign.show(0, 0);
  }

  /**
   * @param {number} count
   * @param {number} mentions
   */
  #count(count, mentions) {
    const counted = `${count} ${mentions}`;
    if (counted === this.#counted) return; // most often, when the reader scrolls
    this.#counted = counted;
    const key = mentions ? "mentions" : count ? "some" : "none";
    this.#latest.setAttribute("aria-label", t(`js.unread.${key}`, { count, mentions }));
    this.#latest.classList.toggle("primary", count > 0);
    showNumber(part(this.#latest, "count"), count);
    showNumber(part(this.#latest, "mentions"), mentions, "@");
  }
}

/**
 * @param {HTMLElement} element
 * @param {number} number
 * @param {string} [before]
 */
function showNumber(element, number, before = "") {
  element.hidden = number === 0;
  element.textContent = before + (number > MOST ? `${MOST}+` : number);
}
