/** How the server keeps what somebody writes (realtime/chat/text.py), so that the page sends nothing empty. Pure. */

/** White space, and three characters without any width. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python strips U+001C to U+001F, which Unicode calls no white space
const ENDS = /[\p{White_Space}\x1c-\x1f\u200b\u2060\ufeff]/u;
const UNSEEN =
  /^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800\u{1d159}]*$/u;

/**
 * @param {string} text
 * @returns {string} the text as it is kept: trimmed, and empty when nothing in it can be seen
 */
export function keptText(text) {
  const plain = text.replace(/\0/g, "").replace(/\r\n?/g, "\n").replace(/\p{Surrogate}/gu, "\ufffd");
  // Not by one expression: looking for the end's at each of many spaces would take seconds.
  let start = 0;
  let end = plain.length;
  while (start < end && ENDS.test(plain[start])) start++;
  while (start < end && ENDS.test(plain[end - 1])) end--;
  const trimmed = plain.slice(start, end);
  return UNSEEN.test(trimmed) ? "" : trimmed;
}
