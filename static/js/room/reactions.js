/** A record's reactions: each emoji, its count, and whether the reader has given it. Pure. */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 *
 * @typedef {object} GivenReaction
 * @property {string} emoji
 * @property {number} count
 * @property {string[]} users the first who gave it; there may be more
 * @property {boolean} mine
 */

/**
 * Updates are the same for all recipients and come without `mine`. The reader's own reactions are then those of the
 * previous state, unless `users` lists everybody who gave the emoji.
 * @param {Pick<ChatRecord, "reactions" | "mine">} record
 * @param {string} me the reader's colour
 * @param {string[]} before the reader's own emoji in the previous state
 * @returns {GivenReaction[]} in the server's order
 */
export function given({ reactions = {}, mine }, me, before = []) {
  return Object.entries(reactions).map(([emoji, { count, users }]) => {
    const unnamed = count > users.length && before.includes(emoji);
    return { emoji, count, users, mine: mine ? mine.includes(emoji) : users.includes(me) || unnamed };
  });
}
