/**
 * Loads records that have no line: the next older or newer ones when the reader comes near either end, those around a
 * record to be shown, and the latest.
 */

import { fetchNewer } from "./newer.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./recent.js").RecentRecords} RecentRecords
 * @typedef {import("./shown_range.js").ShownRange} ShownRange
 *
 * @typedef {object} Page
 * @property {ChatRecord[]} chats oldest first
 * @property {boolean} more whether there are earlier ones
 */

const PAGE = 50;
const AHEAD = "300px";

/** The most that the server returns, for a reader on the way to something far away. */
const LARGE_PAGE = 200;

/** A reader who needs another page so soon is on the way to something far away. */
const SOON_MS = 700;

export class History {
  #ask;
  #conversation;
  /** For `fetchNewer`. */
  #step = /** @type {number | undefined} */ (undefined);
  #loadedAt = -Infinity;
  /** The next older page, on its way or here. */
  #ahead = /** @type {{before: number, page: Promise<Page>, range: ShownRange, until: number} | null} */ (null);
  /** @type {(() => void)[]} */
  #toRetry = [];
  /** The latest request; an answer to an earlier one does not replace what it shows. */
  #wanted = /** @type {{recent: RecentRecords} | null} */ (null);

  /**
   * @param {((before: number | null, limit: number) => Promise<Page>) | null} ask requests the last records before a
   *   `seq`, or the latest; null in a room without stored records
   * @param {Conversation} conversation
   * @param {HTMLElement} area the element that scrolls
   * @param {object} buttons at both ends of the list, visible while there are more records; they load them as well
   * @param {HTMLElement} buttons.older
   * @param {HTMLElement} buttons.newer
   */
  constructor(ask, conversation, area, { older, newer }) {
    this.#ask = ask;
    this.#conversation = conversation;
    this.#watch(area, older, (pressed) => this.#loadOlder(pressed));
    this.#watch(area, newer, () => this.#loadNewer());
  }

  /**
   * Show a record and those around it.
   * @param {number} seq
   * @returns {Promise<"shown" | "absent" | "superseded">} superseded: something else was requested meanwhile
   */
  async reach(seq) {
    const wanted = this.#want();
    try {
      if (!this.#conversation.range.has(seq)) await this.#comeTo(seq, wanted);
    } catch {
      // Without a network, it is not shown.
    }
    if (!this.#stands(wanted)) return "superseded";
    return this.#conversation.range.has(seq) ? "shown" : "absent";
  }

  /** The network is back: load what failed to load. */
  retry() {
    for (const observe of this.#toRetry.splice(0)) observe();
  }

  /** Show the latest. */
  async latest() {
    const wanted = this.#want();
    const { recent } = this.#conversation;
    const here = recent.before(Infinity, PAGE);
    if (!this.#ask || here.length === PAGE) return this.#conversation.showLatest(here, this.#precedes(here));
    try {
      for (;;) {
        const { since } = recent;
        const { chats, more } = await this.#ask(null, PAGE);
        if (!this.#stands(wanted)) return;
        // More arrived meanwhile than `recent` keeps: there would be a gap.
        if (recent.since > since && !(/** @type {number} */ (chats.at(-1)?.seq) >= recent.since)) continue;
        return this.#conversation.showLatest(chats, more);
      }
    } catch {
      // The button stays, to be pressed when the network is back.
    }
  }

  #want() {
    const wanted = { recent: this.#conversation.recent };
    this.#wanted = wanted;
    return wanted;
  }

  /**
   * @param {{recent: RecentRecords}} wanted
   * @returns {boolean} whether it is the latest request, and the room was not replaced by an older copy
   */
  #stands(wanted) {
    return wanted === this.#wanted && wanted.recent === this.#conversation.recent;
  }

  /**
   * @param {number} seq
   * @param {{recent: RecentRecords}} wanted
   */
  async #comeTo(seq, wanted) {
    const conversation = this.#conversation;
    const { range } = conversation;
    if (seq < range.start) {
      // If it is near, keep what is shown.
      const { start } = range;
      const { chats, more } = await this.#before(start, LARGE_PAGE);
      const reached = !more || chats[0]?.seq <= seq;
      if (reached && range === conversation.range && start === range.start) {
        return conversation.receiveOlder(chats, more, this.#stands(wanted) ? seq : undefined);
      }
      if (!this.#stands(wanted) || conversation.range.has(seq)) return;
    }
    const { chats, more } = await this.#before(seq + 1, PAGE);
    if (chats.at(-1)?.seq !== seq) return;
    const on = await this.#after(seq, PAGE);
    if (this.#stands(wanted)) conversation.show([...chats, ...on.chats], more, on.end);
  }

  /**
   * @param {boolean} pressed whether the reader wants to see them, even if that takes away the latest
   * @returns {Promise<boolean>} whether there was room for some
   */
  async #loadOlder(pressed) {
    const { range } = this.#conversation;
    const { start } = range;
    const limit = this.#pageSize();
    const { chats, more } = await (this.#fetched(start) ?? this.#before(start, limit));
    // Meanwhile another part of the room was shown, or lines were removed at this end.
    if (range !== this.#conversation.range || start !== range.start) return true;
    if (more && limit === LARGE_PAGE) this.#fetchAhead(chats[0].seq);
    this.#conversation.receiveOlder(chats, more, pressed ? start : undefined);
    return range !== this.#conversation.range || range.start < start;
  }

  /**
   * Fetch a page that a reader on the way to something far away will need when the lines before it are drawn.
   * @param {number} before
   */
  #fetchAhead(before) {
    const page = this.#before(before, LARGE_PAGE);
    page.catch(() => {}); // reported to whoever needs it
    this.#ahead = { before, page, range: this.#conversation.range, until: performance.now() + SOON_MS };
  }

  /**
   * @param {number} before
   * @returns {Promise<Page> | undefined} the page that was fetched ahead; none that is older than a moment, in which its
   *   records may have changed
   */
  #fetched(before) {
    const ahead = this.#ahead;
    this.#ahead = null;
    const stands = ahead?.before === before && ahead.range === this.#conversation.range;
    return stands && performance.now() < ahead.until ? ahead.page : undefined;
  }

  /** @returns {Promise<boolean>} whether there was room for some */
  async #loadNewer() {
    const { range } = this.#conversation;
    const { end } = range;
    const { chats, end: reached } = await this.#after(end, this.#pageSize());
    if (range !== this.#conversation.range || end !== range.end) return true;
    this.#conversation.receiveNewer(chats, reached);
    return range !== this.#conversation.range || range.end > end;
  }

  /**
   * @param {number} seq
   * @param {number} limit
   * @returns {Promise<Page>}
   */
  async #before(seq, limit) {
    if (this.#ask) return this.#ask(seq, limit);
    const chats = this.#conversation.recent.before(seq, limit);
    return { chats, more: this.#precedes(chats) };
  }

  /** @param {ChatRecord[]} chats from `recent` @returns {boolean} whether there are earlier ones */
  #precedes(chats) {
    if (this.#ask) return true;
    return chats.length > 0 && this.#conversation.recent.before(chats[0].seq, 1).length > 0;
  }

  /**
   * @param {number} seq
   * @param {number} limit
   * @returns {Promise<{chats: ChatRecord[], end: number}>} all records after it, up to `end`
   */
  async #after(seq, limit) {
    const { recent } = this.#conversation;
    if (!this.#ask || seq >= recent.since) return first(limit, recent.after(seq, limit + 1), recent.last);
    const { chats, end, step } = await fetchNewer(this.#ask, seq, recent.since, 0.8 * limit, this.#step);
    this.#step = step;
    return first(limit, chats, end);
  }

  #pageSize() {
    return performance.now() - this.#loadedAt < SOON_MS ? LARGE_PAGE : PAGE;
  }

  /**
   * @param {HTMLElement} area
   * @param {HTMLElement} button
   * @param {(pressed: boolean) => Promise<boolean>} load returns whether there was room for something
   */
  #watch(area, button, load) {
    let loading = false;
    // As many lines as may be there, and all of them folded: they leave the button in sight, which must not go on asking.
    let full = false;
    const loadOnce = async (pressed = false) => {
      if (loading || button.hidden) return;
      loading = true;
      sight.unobserve(button);
      try {
        full = !(await load(pressed));
        this.#loadedAt = performance.now();
        // Observing it again reports at once if it is still near.
        sight.observe(button);
      } catch {
        // The button stays, for another attempt.
        this.#toRetry.push(() => sight.observe(button));
      }
      loading = false;
    };
    const near = (/** @type {boolean} */ isNear) => {
      if (!isNear) full = false;
      else if (!full) loadOnce();
    };
    const sight = new IntersectionObserver((entries) => near(entries.at(-1)?.isIntersecting ?? false), {
      root: area,
      rootMargin: `${AHEAD} 0px`,
    });
    button.addEventListener("click", () => loadOnce(true));
    sight.observe(button);
  }
}

/**
 * @param {number} limit
 * @param {ChatRecord[]} chats
 * @param {number} end
 * @returns {{chats: ChatRecord[], end: number}} the first `limit` of them
 */
function first(limit, chats, end) {
  if (chats.length <= limit) return { chats, end };
  return { chats: chats.slice(0, limit), end: chats[limit - 1].seq };
}
