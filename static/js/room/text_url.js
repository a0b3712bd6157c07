/**
 * A web address in a text: where it ends, and where it leads. Pure.
 *
 * A text has no marks around an address, so what follows must not be taken for a part of it: punctuation, a bracket that
 * was opened before it, a Korean particle ("https://a.kr/b에서"). The address itself may have brackets and Hangul.
 *
 * Linear: a character is looked at a few times at most, by patterns for one character or for a few.
 */

const HOST = /[\p{L}\p{M}\p{N}\p{Cs}._-]/u;
const IPV6 = /^\[[0-9a-f:.]{2,45}\]/i;
const PORT = /^:\d{1,5}(?!\d)/;
/** As in "user:password@host", with which an address seems to lead elsewhere. */
const USER = "@";

/** White space, quotation marks, and brackets and punctuation of other scripts: no address has them as they are. */
const OUTSIDE = /[\s\p{Cc}<>"`\\^|“”‘’「」『』《》〈〉【】〔〕（）［］｛｝、。，．！？：；…·]/u;
const OPENING = "([{";
const CLOSING = ")]}";
/** At the end, these belong to the sentence. */
const TRAILING = new Set(".,:;!?'*~([{");
/** Addresses in a list may have no space between them. */
const NEXT = /^[,;]https?:/i;

const HANGUL = /[\uac00-\ud7a3]/;
const LONGEST_PARTICLE = 6;
const PARTICLE = new RegExp(
  `^(?:${[
    "(?:에서|에게서|에게|에|으로|로|까지|부터|처럼|보다|마다|이랑|랑|하고|대로|만|과|와)?(?:은|는|도|만|의|요)?",
    "을|를|이|가|이나|나|이든|든|이라도|라도|조차|밖에|쪽|쪽으로|등|등등|및",
    "(?:에서|으로|로)?(?:입니다|이에요|예요|이야|야|이고|고|이며|며|인데|인데요|이죠|죠|임|인가요|이라고|라고|이라는|라는)",
  ].join("|")})$`,
);

/**
 * @param {string} text
 * @param {number} start where "http://" or "https://" begins
 * @returns {{end: number, href: string | null}} where the address ends and leads; without `href` there is none, and none
 *   begins before `end`
 */
export function addressAt(text, start) {
  const host = text.indexOf("//", start) + 2;
  const { end: authority, user } = authorityAt(text, host);
  const none = { end: authority, href: null };
  const afterHost = hostEnd(text, host, authority);
  if (user || afterHost === host || text.startsWith("://", afterHost)) return none;
  const afterPort = afterHost + (PORT.exec(text.slice(afterHost, afterHost + 7))?.[0].length ?? 0);
  const end = afterPort < authority ? afterPort : pathEnd(text, authority);
  try {
    return { end, href: new URL(text.slice(start, end)).href };
  } catch {
    return none;
  }
}

/**
 * @param {string} text
 * @param {number} start
 */
function authorityAt(text, start) {
  let end = start;
  let user = false;
  for (; end < text.length && !"/?#".includes(text[end]) && !OUTSIDE.test(text[end]); end++) user ||= text[end] === USER;
  return { end, user };
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} most
 */
function hostEnd(text, start, most) {
  const numeric = IPV6.exec(text.slice(start, Math.min(most, start + 47)));
  if (numeric) return start + numeric[0].length;
  let end = start;
  while (end < most && HOST.test(text[end])) end++;
  while (end > start && "._-".includes(text[end - 1])) end--;
  const last = start + text.slice(start, end).lastIndexOf(".") + 1;
  // The last name is in one script: "a.kr에서" is a host and a particle. That of "도메인.한국에서" has two syllables.
  const latin = /^[a-z0-9_-]+/i.exec(text.slice(last, end));
  if (latin) return last + latin[0].length;
  for (let at = Math.max(last + 2, end - LONGEST_PARTICLE); at < end; at++) if (PARTICLE.test(text.slice(at, end))) return at;
  return end;
}

/**
 * @param {string} text
 * @param {number} start of a path, query or fragment
 */
function pathEnd(text, start) {
  const open = [0, 0, 0];
  let end = start;
  for (; end < text.length && !OUTSIDE.test(text[end]); end++) {
    const opening = OPENING.indexOf(text[end]);
    const closing = CLOSING.indexOf(text[end]);
    if (opening !== -1) open[opening]++;
    if (closing !== -1 && open[closing]-- === 0) break; // it was opened before the address
    if (NEXT.test(text.slice(end, end + 7))) break;
  }
  end = withoutTrailing(text, start, end);
  return withoutTrailing(text, start, withoutParticle(text, start, end));
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
function withoutTrailing(text, start, end) {
  while (end > start && TRAILING.has(text[end - 1])) end--;
  return end;
}

/**
 * A word that only ends like a particle stays, as does what is the value of a query.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 */
function withoutParticle(text, start, end) {
  let at = end;
  while (at > start && end - at <= LONGEST_PARTICLE && HANGUL.test(text[at - 1])) at--;
  return text[at - 1] !== "=" && PARTICLE.test(text.slice(at, end)) ? at : end;
}
