/** What a teacher writes into the desk's forms. Pure. */

/**
 * @param {string} text
 * @returns {string[]} its lines, each once, without those in which nothing is written
 */
export function linesOf(text) {
  return [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];
}

/**
 * @param {string} title
 * @returns {string} what the next room is likely to be called: "Group 2" after "Group 1"
 */
export function nextTitle(title) {
  const next = title.replace(/\d{1,3}(?=\D*$)/, (number) => String(Number(number) + 1));
  return next === title ? "" : next;
}
