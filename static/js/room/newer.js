/**
 * The way from a record to newer ones. The server tells only what comes before a certain `seq`, and a room's own are few
 * among those of all rooms: so this asks for what comes before a `seq` some way ahead. An answer that reaches back to
 * the record leaves nothing out; otherwise it asks for one that is nearer. Pure but for the question.
 */

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

/** As many as the server gives at once. */
const LIMIT = 200;

/**
 * @callback Ask
 * @param {number} before
 * @param {number} limit
 * @returns {Promise<{chats: ChatRecord[], more: boolean}>} the last ones before it, oldest first, and whether there are
 *   earlier ones
 */

/**
 * @param {Ask} ask
 * @param {number} from the `seq` from which to go on
 * @param {number} to nothing after this `seq` is wanted
 * @param {number} wanted records, about; far below the limit, or answers often would not reach back
 * @param {number} [step] how far ahead to ask at first
 * @returns {Promise<{chats: ChatRecord[], end: number, step: number}>} all records after `from` up to `end`, oldest
 *   first, at least one unless `end` is `to`, and the step to take next
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
