/** The shelf's GIFs and the search among them. */

import { tidy, wordRank } from "../../choseong.js";

/**
 * @typedef {object} Entry a GIF that comes with gifchat, from static/shelf/shelf.json.
 * @property {string} name
 * @property {string} poster the name of its still
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {string[]} ko Korean words for it, its name first
 * @property {string[]} en English words, its name first
 */

/**
 * @param {readonly Entry[]} entries
 * @param {string} typed in either language, whatever the page's is; several words must all match
 * @returns {readonly Entry[]} the matches, best first; all entries when nothing is typed
 */
export function find(entries, typed) {
  if (!tidy(typed)) return entries;
  const ranked = entries.flatMap((entry) => {
    const rank = rankOf(entry, typed);
    return rank === null ? [] : [{ entry, rank }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry);
}

/**
 * @param {Entry} entry
 * @param {string} typed
 */
function rankOf(entry, typed) {
  const words = [...entry.ko, ...entry.en];
  const best = (/** @type {string} */ part) => {
    const ranks = words.map((word) => wordRank(tidy(part), word)).filter((rank) => rank !== null);
    return ranks.length ? Math.min(...ranks) : null;
  };
  // Match it as one word, ignoring spaces, or else word by word.
  const whole = best(typed);
  if (whole !== null) return whole;
  const parts = typed.trim().split(/\s+/).map(best);
  return parts.includes(null) ? null : Math.max(.../** @type {number[]} */ (parts));
}
