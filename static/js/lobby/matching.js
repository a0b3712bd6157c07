/** Which rooms are meant by what is typed. Pure. */

import { tidy, wordRank } from "../choseong.js";

/**
 * @param {string} typed several words must all match, in any order
 * @param {string[]} texts a room's title, and what else people call it by
 * @returns {boolean} whether one of them has it: a part as written, or the beginning of a word by its initial consonants
 */
export function isMatch(typed, texts) {
  const wholes = texts.map(tidy);
  const words = texts.flatMap(beginnings);
  const has = (/** @type {string} */ wanted) =>
    wholes.some((whole) => whole.includes(wanted)) || words.some((word) => wordRank(wanted, word) !== null);
  return has(tidy(typed)) || typed.trim().split(/\s+/).every((part) => has(tidy(part)));
}

/**
 * @param {string} text
 * @returns {string[]} the text from each of its words on: what is typed without spaces may go on into the next
 */
function beginnings(text) {
  const words = text.split(/[\s\p{P}]+/u).filter(Boolean);
  return words.map((_, index) => tidy(words.slice(index).join("")));
}
