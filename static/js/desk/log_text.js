/**
 * An entry of the desk's log in words. Pure.
 *
 * @typedef {object} LogEntry what the desk did.
 * @property {string} at ISO 8601, UTC
 * @property {string} did the event
 * @property {string} [room]
 * @property {string} [title] of the room then
 * @property {string} [user] whom it was about
 * @property {string} [name] of theirs then
 * @property {string} [seat] of theirs then
 * @property {boolean} [on]
 * @property {number} [minutes]
 * @property {number} [seconds]
 * @property {number} [count]
 * @property {string} [what] which switch
 */

/**
 * @param {LogEntry} entry
 * @param {object} say
 * @param {(key: string, values?: Record<string, string | number>) => string} say.t
 * @param {(user: string) => string} say.called
 * @returns {string}
 */
export function logText({ did, room, title, user, name, seat, on, minutes = 0, seconds = 0, count = 0, what }, { t, called }) {
  const who = name ?? (user ? called(user) : "");
  const values = { title: title ?? "", user: seat === undefined ? who : `${who} (${seat})`, minutes, seconds, count };
  const off = on === false || (did === "mute" && !minutes) || (did === "slow" && !seconds);
  const where = room === undefined || room === null ? "" : "_in";
  const keys = [what && `${did}.${what}`, user && `${did}_user`, `${did}${where}`, did].filter(Boolean);
  for (const key of keys.flatMap((key) => (off ? [`${key}_off`, key] : [key]))) {
    const text = t(`js.desk.log.${key}`, values);
    if (text !== `js.desk.log.${key}`) return text;
  }
  return [did, title, who].filter(Boolean).join(" · ");
}
