/** What a reply shows of the record it answers. Pure. */

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Quote} Quote
 */

/** The server's limit. */
const MAX_CHARACTERS = 140;

/**
 * @param {Pick<ChatRecord, "_id" | "seq" | "user" | "chat" | "gif" | "deleted">} record
 * @returns {Quote}
 */
export function quoteOf({ _id, seq, user, chat, gif, deleted }) {
  if (deleted) return { _id, seq, user, deleted };
  // By code points: half of a surrogate pair would show as a broken character.
  if (chat) return { _id, seq, user, chat: [...chat].slice(0, MAX_CHARACTERS).join("") };
  return { _id, seq, user, gif };
}
