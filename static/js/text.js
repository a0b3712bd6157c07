/** Normalizes text as the server does (realtime/chat/text.py), so that the page sends nothing empty. Pure. */

/** White space and three zero-width characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python also strips U+001C to U+001F
const TRIMMED = /[\p{White_Space}\x1c-\x1f\u200b\u2060\ufeff]/u;
const INVISIBLE =
  /^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800\u{1d159}]*$/u;

/**
 * @param {string} text
 * @returns {string} the text as it is stored: trimmed, and empty when nothing in it is visible
 */
export function keptText(text) {
  const plain = text.replace(/\0/g, "").replace(/\r\n?/g, "\n").replace(/\p{Surrogate}/gu, "\ufffd");
  // Not one regular expression: backtracking over many inner spaces would take seconds.
  let start = 0;
  let end = plain.length;
  while (start < end && TRIMMED.test(plain[start])) start++;
  while (start < end && TRIMMED.test(plain[end - 1])) end--;
  const trimmed = plain.slice(start, end);
  return INVISIBLE.test(trimmed) ? "" : trimmed;
}

/**
 * @param {string} name as somebody wrote it
 * @returns {string} it, unable to turn the text around it (U+2068 and U+2069: UAX #9)
 */
export function isolated(name) {
  return `\u2068${name}\u2069`;
}
