/** How the lines of a chat follow one another: which belong to one group. Pure. */

/**
 * @typedef {object} Facts what counts of a line
 * @property {string} user a colour, or "system"
 * @property {number} at ms since 1970
 * @property {number} day where the reader is, as 20260131
 * @property {boolean} whisper
 * @property {boolean} reply whether it shows what it answers
 */

/** Lines of one person with no longer pause between them are a group. */
const GROUP_MS = 3 * 60_000;

/**
 * @param {Facts | undefined} before
 * @param {Facts} line the next one
 * @returns {boolean} whether it continues the group of the one before, and need not say again who speaks. A whisper stays
 *   by itself, so that nobody takes it for what all can read; a reply begins anew, since it shows what somebody else said.
 */
export function continues(before, line) {
  if (before === undefined || line.user !== before.user || line.user === "system") return false;
  if (line.whisper || before.whisper || line.reply || line.day !== before.day) return false;
  return Math.abs(line.at - before.at) <= GROUP_MS;
}

/**
 * @param {Pick<import("../wire.js").ChatRecord, "user" | "createdAt" | "to" | "re" | "deleted">} record
 * @returns {Facts}
 */
export function factsOf({ user, createdAt, to, re, deleted }) {
  const at = Date.parse(createdAt);
  return { user, at, day: dayOf(at), whisper: to !== undefined, reply: re !== undefined && !deleted };
}

/** @param {number} at ms since 1970 @returns {number} */
export function dayOf(at) {
  const moment = new Date(at);
  return (moment.getFullYear() * 100 + moment.getMonth() + 1) * 100 + moment.getDate();
}
