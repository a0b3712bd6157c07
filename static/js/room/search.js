/**
 * Searches a room's records for a word, from the latest backwards.
 *
 * A request searches a limited number of records, and may find nothing although there are more (docs/protocol.md). So a
 * stage makes several requests, until it has found enough or reached the maximum.
 */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Found} Found
 */

const REQUESTS = 10;
const ENOUGH = 20;

export class Search {
  #ask;
  /** @type {number | null} the `before` of the next request; null for the latest records */
  #before = null;

  /** Whether there are records left to search. */
  more = true;

  /** @param {(before: number | null) => Promise<Found>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Search one stage further. After an error, the next call continues there.
   * @returns {AsyncGenerator<ChatRecord[], void>} the results of each request, newest first
   */
  async *stage() {
    let found = 0;
    for (let asked = 0; this.more && asked < REQUESTS && found < ENOUGH; asked++) {
      const { chats, more, next } = await this.#ask(this.#before);
      this.more = more;
      this.#before = next ?? null;
      found += chats.length;
      yield chats.reverse();
    }
  }
}
