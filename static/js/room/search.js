/**
 * A walk back through a room's records, from the latest on, for those with a word in them.
 *
 * One request looks at a bounded number of records and may find nothing and still not be at the end
 * (docs/protocol.md); so a stage of the walk is several requests, until there is something to read or it has asked often enough.
 */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Found} Found
 */

const REQUESTS = 10;
const ENOUGH = 20;

export class Search {
  #ask;
  /** @type {number | null} where the next request goes on; null: at the latest record */
  #before = null;

  /** Whether the room's beginning is still to come. */
  more = true;

  /** @param {(before: number | null) => Promise<Found>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Go one stage on. After an error the next call takes up where this one stopped.
   * @returns {AsyncGenerator<ChatRecord[], void>} what each request found, newest first
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
