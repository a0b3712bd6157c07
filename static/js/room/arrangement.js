/**
 * How the lines of a chat follow one another: which belong to one group, where a day begins, and which people who come
 * and go are folded into one line. Pure.
 */

/**
 * @typedef {object} Facts what counts of a line
 * @property {string} user a colour, or "system"
 * @property {number} at ms since 1970
 * @property {number} day where the reader is, as 20260131
 * @property {boolean} whisper
 * @property {boolean} reply whether it shows what it answers
 * @property {"join" | "exit" | null} passage somebody came or went, and nobody has reacted to it
 *
 * @typedef {object} Run lines to be folded into one
 * @property {number} first its index
 * @property {number} last
 * @property {number} joins
 * @property {number} exits
 */

/** Lines of one person with no longer pause between them are a group. */
const GROUP_MS = 3 * 60_000;

/** So many passages in a row are not folded. */
const MOST_PASSAGES = 3;

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
 * @param {Facts[]} lines in their order
 * @returns {Run[]} where so many came or went in a row, on one day, that they are folded
 */
export function runs(lines) {
  /** @type {Run[]} */
  const found = [];
  for (let first = 0; first < lines.length; first++) {
    if (!lines[first].passage) continue;
    const run = { first, last: first, joins: 0, exits: 0 };
    for (let at = first; lines[at]?.passage && lines[at].day === lines[first].day; at++) {
      if (lines[at].passage === "join") run.joins++;
      else run.exits++;
      run.last = at;
    }
    if (run.last - first >= MOST_PASSAGES) found.push(run);
    first = run.last;
  }
  return found;
}

/**
 * @typedef {Pick<import("../wire.js").ChatRecord, "user" | "createdAt" | "to" | "re" | "deleted" | "event" | "reactions">} Told
 *
 * @param {Told} record
 * @returns {Facts}
 */
export function factsOf({ user, createdAt, to, re, deleted, event, reactions }) {
  const at = Date.parse(createdAt);
  const passes = (event === "join" || event === "exit") && !Object.keys(reactions ?? {}).length;
  return {
    user,
    at,
    day: dayOf(at),
    whisper: to !== undefined,
    reply: re !== undefined && !deleted,
    passage: passes ? event : null,
  };
}

/** @param {number} at ms since 1970 @returns {number} */
export function dayOf(at) {
  const moment = new Date(at);
  return (moment.getFullYear() * 100 + moment.getMonth() + 1) * 100 + moment.getDate();
}

/**
 * @param {number} at ms since 1970
 * @param {number} now
 * @param {string} lang
 * @returns {string} what its day is called now: today, yesterday, or its date
 */
export function dayName(at, now, lang) {
  const noon = (/** @type {number} */ moment) => new Date(moment).setHours(12, 0, 0, 0);
  const past = Math.round((noon(now) - noon(at)) / 86_400_000);
  if (past === 0 || past === 1) {
    const name = new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(-past, "day");
    return name.charAt(0).toUpperCase() + name.slice(1);
  }
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(lang, { year, month: "long", day: "numeric", weekday: "long" }).format(at);
}

/** @param {number} now ms since 1970 @returns {number} how long it is until the next day, in ms */
export function untilTomorrow(now) {
  return new Date(now).setHours(24, 0, 0, 0) - now;
}
