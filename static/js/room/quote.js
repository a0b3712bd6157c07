/** What a reply shows of the record that it answers. Pure. */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

/** Characters, as the server cuts it. */
const LONGEST = 140;

/**
 * @param {Pick<ChatRecord, "_id" | "seq" | "user" | "chat" | "gif" | "deleted">} record
 * @returns {Quote}
 */
export function quoteOf({ _id, seq, user, chat, gif, deleted }) {
  if (deleted) return { _id, seq, user, deleted };
  // By code points: half of a pair would be shown as a broken character.
  if (chat) return { _id, seq, user, chat: [...chat].slice(0, LONGEST).join("") };
  return { _id, seq, user, gif };
}
