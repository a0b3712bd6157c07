/** What a teacher writes into the desk's forms. Pure. */

/** As the server has it (realtime/chat/desk/words.py), which takes a million bytes at once. */
const MOST_WORDS = 50_000;
const MOST_LETTERS = 100;
const MOST_BYTES = 900_000;

/**
 * @param {string} text
 * @returns {string[]} its lines, each once, without those in which nothing is written
 */
export function linesOf(text) {
  return [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];
}

/**
 * @param {string[]} words
 * @returns {boolean} whether the server would refuse them
 */
export function isTooMuch(words) {
  if (words.length > MOST_WORDS || words.some((word) => [...word].length > MOST_LETTERS)) return true;
  return new TextEncoder().encode(JSON.stringify(words)).length > MOST_BYTES;
}

/**
 * @param {string} title
 * @returns {string} what the next room is likely to be called: "Group 2" after "Group 1"
 */
export function nextTitle(title) {
  const next = title.replace(/\d{1,3}(?=\D*$)/, (number) => String(Number(number) + 1));
  return next === title ? "" : next;
}
