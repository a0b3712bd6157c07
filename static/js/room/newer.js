/**
 * Fetches the records after a certain one. The server only returns those before a `seq`, and a room has few of all the
 * server's numbers, so this asks for the records before a `seq` some way ahead. If the answer reaches back to the known
 * record, it is complete; if not, this asks for one that is nearer. Pure, apart from the request.
 */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

/** The most that the server returns. */
const LIMIT = 200;

/**
 * @callback Ask
 * @param {number} before
 * @param {number} limit
 * @returns {Promise<{chats: ChatRecord[], more: boolean}>} the last records before it, oldest first, and
 *   whether there are earlier ones
 */

/**
 * @param {Ask} ask
 * @param {number} from the known `seq`
 * @param {number} to the last `seq` wanted
 * @param {number} wanted about so many records; well below LIMIT, or the answers often would not reach back
 * @param {number} [step] how far ahead to ask first
 * @returns {Promise<{chats: ChatRecord[], end: number, step: number}>} all records after `from` up to `end`, oldest
 *   first, at least one unless `end` is `to`; the step for the next call
 */
export async function fetchNewer(ask, from, to, wanted, step = wanted) {
  let [done, ahead] = [from, step];
  while (done < to) {
    const end = Math.min(done + ahead, to);
    const { chats, more } = await ask(end + 1, LIMIT);
    const first = chats[0]?.seq ?? Infinity;
    if (more && first > done) {
      ahead = Math.max(1, (first - done) >> 1);
      continue;
    }
    const newer = chats.filter(({ seq }) => seq > from);
    if (newer.length) return { chats: newer, end, step: Math.ceil((ahead * wanted) / newer.length) };
    done = end;
    ahead *= 4;
  }
  return { chats: [], end: to, step: ahead };
}
