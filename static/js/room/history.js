/**
 * Brings what the page does not show: the next records, older or newer, whenever its reader comes near the end of those
 * that it shows, the part of the room around one that is looked for, and the latest.
 */

import { fetchNewer } from "./newer.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./recent.js").RecentRecords} RecentRecords
 *
 * @typedef {object} Page
 * @property {ChatRecord[]} chats oldest first
 * @property {boolean} more whether there are earlier ones
 */

const PAGE = 50;
const AHEAD = "300px";

/** On the way to something far away: as many at once as the server gives. */
const LARGE_PAGE = 200;

/** A reader who wants more so soon after the last page is on the way to something far away. */
const SOON_MS = 700;

export class History {
  #ask;
  #conversation;
  /** How far ahead of the page, in `seq`, to ask for newer records. */
  #step = /** @type {number | undefined} */ (undefined);
  #loadedAt = -Infinity;
  /** @type {(() => void)[]} */
  #toRetry = [];
  /** What was asked for last, which an answer to something earlier does not replace. */
  #wanted = /** @type {{recent: RecentRecords} | null} */ (null);

  /**
   * @param {((before: number | null, limit: number) => Promise<Page>) | null} ask the server for the last records before
   *   a `seq`, or of all; null for a room that keeps nothing
   * @param {Conversation} conversation
   * @param {HTMLElement} area what scrolls
   * @param {object} buttons stand at the ends of the lines while there is more, and load it too when pressed
   * @param {HTMLElement} buttons.older
   * @param {HTMLElement} buttons.newer
   */
  constructor(ask, conversation, area, { older, newer }) {
    this.#ask = ask;
    this.#conversation = conversation;
    this.#watch(area, older, () => this.#loadOlder());
    this.#watch(area, newer, () => this.#loadNewer());
  }

  /**
   * Show a certain record, with what was said around it.
   * @param {number} seq
   * @returns {Promise<"shown" | "absent" | "superseded">} superseded: something else was asked for meanwhile
   */
  async reach(seq) {
    const wanted = this.#want();
    try {
      if (!this.#conversation.range.has(seq)) await this.#comeTo(seq, wanted);
    } catch {
      // No network: it is not shown.
    }
    if (!this.#stands(wanted)) return "superseded";
    return this.#conversation.range.has(seq) ? "shown" : "absent";
  }

  /** The network is back: load what could not be loaded. */
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
        // So much was said meanwhile that something is in neither.
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
   * @returns {boolean} whether it still is, and the room's records are still the same
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
      // From near by, what is shown stays.
      const { start } = range;
      const { chats, more } = await this.#before(start, LARGE_PAGE);
      const reached = !more || chats[0]?.seq <= seq;
      if (reached && range === conversation.range && start === range.start) {
        conversation.receiveOlder(chats, more, this.#stands(wanted) ? seq : undefined);
      }
      if (reached || !this.#stands(wanted)) return;
    }
    const { chats, more } = await this.#before(seq + 1, PAGE);
    if (chats.at(-1)?.seq !== seq) return;
    const on = await this.#after(seq, PAGE);
    if (this.#stands(wanted)) conversation.show([...chats, ...on.chats], more, on.end);
  }

  async #loadOlder() {
    const { range } = this.#conversation;
    const { start } = range;
    const { chats, more } = await this.#before(start, this.#pageSize());
    // It shows another part of the room by now, or something has been dropped here.
    if (range !== this.#conversation.range || start !== range.start) return;
    this.#conversation.receiveOlder(chats, more);
  }

  async #loadNewer() {
    const { range } = this.#conversation;
    const { end } = range;
    const { chats, end: reached } = await this.#after(end, this.#pageSize());
    if (range !== this.#conversation.range || end !== range.end) return;
    this.#conversation.receiveNewer(chats, reached);
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

  /** @param {ChatRecord[]} chats of the recent ones @returns {boolean} whether there are earlier ones */
  #precedes(chats) {
    if (this.#ask) return true;
    return chats.length > 0 && this.#conversation.recent.before(chats[0].seq, 1).length > 0;
  }

  /**
   * @param {number} seq
   * @param {number} limit
   * @returns {Promise<{chats: ChatRecord[], end: number}>} all after it, up to `end`
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
   * @param {() => Promise<void>} load
   */
  #watch(area, button, load) {
    let loading = false;
    const loadOnce = async () => {
      if (loading || button.hidden) return;
      loading = true;
      sight.unobserve(button);
      try {
        await load();
        this.#loadedAt = performance.now();
        // Observed anew, it tells at once when it is still in sight.
        sight.observe(button);
      } catch {
        // The button stays, to be pressed when the network is back.
        this.#toRetry.push(() => sight.observe(button));
      }
      loading = false;
    };
    const sight = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && loadOnce(), {
      root: area,
      rootMargin: `${AHEAD} 0px`,
    });
    button.addEventListener("click", loadOnce);
    sight.observe(button);
  }
}

/**
 * @param {number} limit
 * @param {ChatRecord[]} chats
 * @param {number} end
 * @returns {{chats: ChatRecord[], end: number}} not more than `limit` of them
 */
function first(limit, chats, end) {
  if (chats.length <= limit) return { chats, end };
  return { chats: chats.slice(0, limit), end: chats[limit - 1].seq };
}
