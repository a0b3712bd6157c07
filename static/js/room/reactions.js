/** Which emoji a record has been given, how often, and whether its reader has given them too. Pure. */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 *
 * @typedef {object} GivenReaction
 * @property {string} emoji
 * @property {number} count
 * @property {string[]} users the first who gave it; there may be more of them
 * @property {boolean} mine
 */

/**
 * A change that somebody else made is told to all alike, without `mine`. What a reader has given themself was told them
 * then, so that it is as it was, unless the list of all who have given an emoji says otherwise.
 * @param {Pick<ChatRecord, "reactions" | "mine">} record
 * @param {string} me one's own colour
 * @param {string[]} before what was one's own in the state before
 * @returns {GivenReaction[]} in the order the server tells them
 */
export function given({ reactions = {}, mine }, me, before = []) {
  return Object.entries(reactions).map(([emoji, { count, users }]) => {
    const unnamed = count > users.length && before.includes(emoji);
    return { emoji, count, users, mine: mine ? mine.includes(emoji) : users.includes(me) || unnamed };
  });
}
