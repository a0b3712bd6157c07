/** All emoji, as tools/emoji/build.js writes them: their names, skin tones and search. Pure. */

/**
 * @typedef {object} Emoji
 * @property {string} emoji without a skin tone
 * @property {boolean} tones whether it comes in five skin tones
 * @property {number} version of Emoji that it came with
 * @property {string} label
 * @property {string} name the label as search compares it
 * @property {string[]} words of the name and others, in lower case
 */

/** Unicode's modifiers, from light to dark. */
export const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

/**
 * @param {{groups: string[]}} file
 * @returns {Emoji[][]} by group, in Unicode's order
 */
export function parse({ groups }) {
  return groups.map((lines) => lines.split("\n").map(emojiOf));
}

/** @param {string} line @returns {Emoji} */
function emojiOf(line) {
  const [emoji, version, label, words] = line.split("\t");
  const name = plain(label);
  return {
    emoji: emoji.replace(/\*$/, ""),
    tones: emoji.endsWith("*"),
    version: Number(version),
    label,
    name,
    words: `${name} ${words}`.split(" ").filter(Boolean),
  };
}

/**
 * @param {string} emoji that comes in skin tones
 * @param {string} tone one of TONES; "" for none
 * @returns {string} everybody in it in this tone
 */
export function toned(emoji, tone) {
  return tone ? emoji.replace(/(\p{Emoji_Modifier_Base})\uFE0F?/gu, `$1${tone}`) : emoji;
}

/** @param {string} emoji @returns {string} without its skin tones */
export function bare(emoji) {
  return emoji.replace(/[\u{1F3FB}-\u{1F3FF}]/gu, "");
}

/** @param {string} text @returns {string} in which search finds */
function plain(text) {
  return text.normalize("NFC").toLowerCase().replace(/[:,()]/g, "");
}

/**
 * @param {Emoji[]} all
 * @param {string} query words, all of which it must have, or an emoji
 * @param {Map<string, Emoji>} elsewhere the same emoji in another language
 * @returns {Emoji[]} the best first
 */
export function findEmoji(all, query, elsewhere = new Map()) {
  const terms = plain(query).split(/\s+/).filter(Boolean);
  if (!terms.length) return [];
  const wanted = bare(query.trim());
  const itself = all.filter(({ emoji }) => emoji === wanted || emoji.replace("\uFE0F", "") === wanted);
  if (itself.length) return itself;
  const ranked = all.map((one) => ({ one, rank: Math.min(rank(one, terms), rank(elsewhere.get(one.emoji), terms)) }));
  return ranked.filter(({ rank }) => rank < Infinity).sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}

/**
 * @param {Emoji | undefined} emoji
 * @param {string[]} terms
 * @returns {number} lower is better: by how the worst of the terms is found
 */
function rank(emoji, terms) {
  if (!emoji) return Infinity;
  const { name, words } = emoji;
  if (name === terms.join(" ")) return 0;
  // Korean is written with and without spaces.
  const joined = name.replaceAll(" ", "");
  if (joined === terms.join("")) return 1;
  let worst = 0;
  for (const term of terms) worst = Math.max(worst, place(words, joined, term));
  // Of those found alike, the one with the shorter name: "red heart" before "smiling face with hearts".
  return 2 + worst + name.length / 1000;
}

/**
 * @param {string[]} words
 * @param {string} name without spaces
 * @param {string} term
 */
function place(words, name, term) {
  if (words.includes(term)) return name.includes(term) ? 0 : 1;
  if (words.some((word) => word.startsWith(term))) return 2;
  if (term.length === 1) return Infinity;
  return name.includes(term) || words.some((word) => word.includes(term)) ? 3 : Infinity;
}
