/** The part of a text around a match, split into matching and other pieces. Pure. */

const BEFORE = 40;
const MOST = 240;

/**
 * @typedef {{text: string, hit: boolean}} Piece
 *
 * @param {string} text
 * @param {string} word not empty
 * @returns {Piece[]} in order; together they are the text, or its part around the first match
 */
export function excerpt(text, word) {
  const all = pieces(text, word);
  const [first] = all;
  if (first && !first.hit && first.text.length > BEFORE) first.text = `…${tail(first.text)}`;
  return shortened(all);
}

/**
 * @param {string} text
 * @param {string} word not empty
 * @returns {Piece[]}
 */
export function pieces(text, word) {
  const { within, starts } = composed(text);
  const sought = folded(word.normalize("NFC"));
  const found = [];
  let end = 0;
  let next = 0;
  for (let at = within.indexOf(sought); at !== -1; at = within.indexOf(sought, next)) {
    next = at + sought.length;
    const from = Math.max(starts ? starts[at] : at, end);
    const to = starts ? after(starts, next, text.length) : next;
    if (from > end) found.push({ text: text.slice(end, from), hit: false });
    if (to > from) found.push({ text: text.slice(from, to), hit: true });
    end = Math.max(end, to);
  }
  if (end < text.length) found.push({ text: text.slice(end), hit: false });
  return found;
}

/**
 * Normalize a text for the search. The server's rule: canonically equivalent texts match, such as 가 and ᄀ + ᅡ, and
 * ASCII letters match in both cases; nothing else does.
 * @param {string} text
 * @returns {{within: string, starts: number[] | null}} `starts`: for each index in `within`, where its source begins in
 *   `text`, a letter with its marks or a syllable with its jamo; null if the indexes are the same
 */
function composed(text) {
  if (text === text.normalize("NFC")) return { within: folded(text), starts: null };
  let within = "";
  const starts = [];
  for (const { 0: unit, index } of text.matchAll(UNIT)) {
    within += folded(unit.normalize("NFC"));
    while (starts.length < within.length) starts.push(index);
  }
  return { within, starts };
}

/** A unit that does not compose with its neighbours. U+16D67 is a letter that composes like a mark. */
const UNIT = /.[\p{M}\u1160-\u11ff\u{16d67}]*/gsu;

/**
 * @param {number[]} starts
 * @param {number} index
 * @param {number} length of the text
 * @returns {number} where the source of the preceding index ends in the text
 */
function after(starts, index, length) {
  while (index < starts.length && starts[index] === starts[index - 1]) index++;
  return starts[index] ?? length;
}

/**
 * Lower-case ASCII letters, without changing any index.
 * @param {string} text
 */
function folded(text) {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** @param {string} text */
function tail(text) {
  // By code points: half of a surrogate pair would show as a broken character.
  return [...text].slice(-BEFORE).join("");
}

/** @param {Piece[]} all */
function shortened(all) {
  const kept = [];
  let room = MOST;
  for (const { text, hit } of all) {
    const whole = text.length <= room || hit;
    kept.push({ text: whole ? text : `${[...text].slice(0, room).join("")}…`, hit });
    room -= text.length;
    if (room <= 0) break;
  }
  return kept;
}
