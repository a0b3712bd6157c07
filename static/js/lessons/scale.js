/** The layout of a chart's marks and labels. Pure. */

/**
 * Round marks from 0 to at least `most`, in at most `count` steps of 1, 2 or 5 times a power of ten.
 * @param {number} most
 * @param {number} count
 */
export function ticks(most, count) {
  const rough = Math.max(most, 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * (/** @type {number} */ ([1, 2, 5, 10].find((times) => power * times >= rough))));
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) => index * step);
}

/** Steps for time axes. */
const SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600];

/**
 * @param {number} most seconds
 * @param {number} count
 */
export function timeTicks(most, count) {
  const step = SECONDS.find((seconds) => most / seconds <= count) ?? 3600;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}

/**
 * Move overlapping labels apart, as little as possible and without changing their order.
 * @param {number[]} wanted the best position of each
 * @param {number} apart
 * @param {number} least
 * @param {number} most
 */
export function spread(wanted, apart, least, most) {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a] - wanted[b] || a - b);
  const placed = order.map((index) => wanted[index]);
  for (let at = 0; at < placed.length; at++) {
    placed[at] = Math.max(placed[at], at ? placed[at - 1] + apart : least);
  }
  for (let at = placed.length - 1, bound = most; at >= 0; bound = placed[at--] - apart) {
    placed[at] = Math.min(placed[at], bound);
  }
  const result = new Array(wanted.length);
  for (const [at, index] of order.entries()) result[index] = placed[at];
  return /** @type {number[]} */ (result);
}

/**
 * A rough estimate of a text's width: Korean characters are as wide as they are high, Latin ones about 0.6 of that.
 * @param {string} text
 * @param {number} size of the font
 */
export function textWidth(text, size) {
  return [...text].reduce((width, sign) => width + size * (/** @type {number} */ (sign.codePointAt(0)) > 0x2e7f ? 1 : 0.6), 0);
}

/**
 * As much of a text as fits.
 * @param {string} text
 * @param {number} width
 * @param {number} size of the font
 */
export function textWithin(text, width, size) {
  if (textWidth(text, size) <= width) return text;
  const signs = [...text];
  while (signs.length && textWidth(`${signs.join("")}…`, size) > width) signs.pop();
  return `${signs.join("").trimEnd()}…`;
}
