// @ts-check
/** The part of a text where a word was found, cut into what matches and what does not. Pure. */

const BEFORE = 40;
const MOST = 240;

/**
 * @typedef {{text: string, hit: boolean}} Piece
 *
 * @param {string} text
 * @param {string} word not empty
 * @returns {Piece[]} in order; together the text, or its part around the first match
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
  const within = folded(text);
  const sought = folded(word);
  const found = [];
  let end = 0;
  for (let at = within.indexOf(sought); at !== -1; at = within.indexOf(sought, end)) {
    if (at > end) found.push({ text: text.slice(end, at), hit: false });
    end = at + sought.length;
    found.push({ text: text.slice(at, end), hit: true });
  }
  if (end < text.length) found.push({ text: text.slice(end), hit: false });
  return found;
}

/**
 * The server's rule: ASCII letters match in both cases, nothing else does. It also keeps every index where it was.
 * @param {string} text
 */
function folded(text) {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** @param {string} text */
function tail(text) {
  // By code points: half of a pair would be shown as a broken character.
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
