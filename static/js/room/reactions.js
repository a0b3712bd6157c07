/** A record's reactions: each emoji, its count, and whether the reader has given it. Pure. */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 *
 * @typedef {object} GivenReaction
 * @property {string} emoji
 * @property {number} count
 * @property {string[]} users the first who gave it; there may be more
 * @property {boolean} mine
 * @property {boolean} [was] `mine` as the server knows it, where the reader wishes it otherwise
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

/**
 * @param {GivenReaction[]} reactions as the server knows them
 * @param {{emoji?: string, on?: boolean}[]} wishes of the reader
 * @param {string} me the reader's colour
 * @returns {GivenReaction[]} as they will be
 */
export function wished(reactions, wishes, me) {
  const all = reactions.map((one) => ({ ...one }));
  for (const { emoji = "", on = false } of wishes) {
    const one = all.find((given) => given.emoji === emoji);
    if (one && one.mine !== on) {
      const others = one.users.filter((user) => user !== me);
      const users = on ? [...others, me] : others;
      Object.assign(one, { count: one.count + (on ? 1 : -1), users, mine: on, was: one.mine });
    }
    if (!one && on) all.push({ emoji, count: 1, users: [me], mine: true, was: false });
  }
  return all.filter(({ count }) => count > 0);
}
