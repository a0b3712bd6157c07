/**
 * What a message's text consists of: plain text, links, `code`, and ```blocks``` of code. Pure, and in linear time.
 *
 * The pieces together are the whole text, marks included: what is searched, quoted, edited and copied is what was said.
 * A run of backticks is closed by the next one of the same length, as in CommonMark; without one, it is text.
 */

import { addressAt } from "./text_url.js";

/**
 * @typedef {{kind: "plain", text: string}} Plain
 * @typedef {{kind: "link", text: string, href: string}} Link
 * @typedef {{kind: "code" | "block", before: string, text: string, after: string, language: string}} CodePiece between marks
 * @typedef {Plain | Link | CodePiece} TextPiece
 */

const MARK = /`+|https?:\/\//gi;
const WITHIN_WORD = /[a-z0-9]/i;
const BLOCK_TICKS = 3;
const LANGUAGE = /^[ \t]*([a-z0-9+#.-]{0,20})[ \t]*\n/i;
const LANGUAGE_LENGTH = 64;

/**
 * @param {string} text
 * @returns {boolean} whether it certainly has plain text only; quick, since nearly every line has
 */
export function isPlain(text) {
  return !text.includes("`") && !text.includes("://");
}

/**
 * @param {string} text
 * @returns {TextPiece[]} in order; none is empty
 */
export function piecesOf(text) {
  /** @type {TextPiece[]} */
  const found = [];
  const closers = new Closers(text);
  let plain = 0;
  /** @param {number} end */
  const upTo = (end) => {
    if (end > plain) found.push({ kind: "plain", text: text.slice(plain, end) });
  };
  const mark = new RegExp(MARK);
  for (let match = mark.exec(text); match; match = mark.exec(text)) {
    const start = match.index;
    if (match[0].startsWith("`")) {
      const end = closers.after(start, match[0].length);
      const code = end === -1 ? null : codeBetween(text, plain, start, end, match[0].length);
      if (!code) continue;
      upTo(code.start);
      found.push(code.piece);
      mark.lastIndex = plain = code.end;
    } else if (!WITHIN_WORD.test(text[start - 1] ?? "")) {
      const { end, href } = addressAt(text, start);
      mark.lastIndex = end;
      if (href === null) continue;
      upTo(start);
      found.push({ kind: "link", text: text.slice(start, end), href });
      plain = end;
    }
  }
  upTo(text.length);
  return found;
}

/**
 * @param {string} text
 * @param {number} from where the piece can begin
 * @param {number} open where the marks begin
 * @param {number} close
 * @param {number} ticks the marks' length
 * @returns {{piece: CodePiece, start: number, end: number} | null}
 */
function codeBetween(text, from, open, close, ticks) {
  const inside = text.slice(open + ticks, close);
  if (!inside.trim()) return null;
  if (ticks < BLOCK_TICKS) {
    if (inside.includes("\n")) return null;
    const [before, after] = [text.slice(open, open + ticks), text.slice(close, close + ticks)];
    return { piece: { kind: "code", before, text: inside, after, language: "" }, start: open, end: close + ticks };
  }
  const head = LANGUAGE.exec(inside.slice(0, LANGUAGE_LENGTH));
  const begin = open + ticks + (head?.[0].length ?? 0);
  const last = begin + text.slice(begin, close).trimEnd().length;
  // A block has lines of its own: the line breaks around it are marks, too.
  const start = open > from && text[open - 1] === "\n" ? open - 1 : open;
  const end = close + ticks + (text[close + ticks] === "\n" ? 1 : 0);
  const [before, code, after] = [text.slice(start, begin), text.slice(begin, last), text.slice(last, end)];
  if (!code) return null;
  return { piece: { kind: "block", before, text: code, after, language: (head?.[1] ?? "").toLowerCase() }, start, end };
}

/** The runs of backticks by their length, each looked at once. */
class Closers {
  #text;
  /** @type {Map<number, number[]> | null} length → where runs begin, the first last */
  #runs = null;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /**
   * @param {number} start of a run; later than in earlier calls
   * @param {number} length
   * @returns {number} where the next run of this length begins, or -1
   */
  after(start, length) {
    this.#runs ??= this.#all();
    const left = this.#runs.get(length) ?? [];
    while (left.length && left[left.length - 1] <= start) left.pop();
    return left[left.length - 1] ?? -1;
  }

  #all() {
    const runs = new Map();
    for (const { 0: run, index } of this.#text.matchAll(/`+/g)) {
      if (!runs.has(run.length)) runs.set(run.length, []);
      runs.get(run.length).push(index);
    }
    for (const starts of runs.values()) starts.reverse();
    return runs;
  }
}
