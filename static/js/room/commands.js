/** What is typed as a command: `/w`, `/me`, `/code`, `/help`. Pure. */

import { keptText } from "../text.js";
import { parseWhisper } from "./whisper_command.js";

/**
 * By name: what the same keys write while the Korean keyboard is on, and what the list writes for it: with a space
 * where more is needed.
 */
const COMMANDS = /** @type {const} */ ({
  w: { hangul: "ㅈ", text: "/w " },
  me: { hangul: "ㅡㄷ", text: "/me " },
  code: { hangul: "챙ㄷ", text: "/code" },
  help: { hangul: "ㅗ디ㅔ", text: "/help" },
});

/** @typedef {keyof typeof COMMANDS} Name */

const NAMES = /** @type {Name[]} */ (Object.keys(COMMANDS));

/** A word of letters alone: `/usr/bin`, `/*` and `/2` are no commands. */
const COMMAND = /^\/(\p{L}+)(?:\s+(.*))?$/su;
/** A text that only looks like a command. */
const ESCAPED = /^\/\/\p{L}+(?:\s|$)/u;
const BEGUN = /^\/(\p{L}*)$/u;

/**
 * @typedef {object} Reading
 * @property {string} [chat] what is to be sent; empty when only a whisper's recipient is named
 * @property {string} [to] the recipient of a whisper
 * @property {string} [code] to be written as a block of code
 * @property {boolean} [help]
 * @property {"nobody" | "several" | "unknown" | "nothing"} [problem]
 * @property {string} [command] the unknown one
 */

/**
 * Read what was written in the composer.
 * @param {string} written not trimmed: a space before a slash makes it a text, unless it would whisper to somebody
 * @param {string[]} present the possible recipients' colours
 * @param {(user: string) => string[]} [called] what a recipient is called
 * @returns {Reading}
 */
export function read(written, present, called) {
  const text = keptText(written);
  const spaced = /^\s/.test(written);
  const whisper = parseWhisper(text, present, called);
  if (whisper && (!spaced || "to" in whisper)) return whisper;
  if (spaced) return { chat: text };
  if (ESCAPED.test(text)) return { chat: text.slice(1) };
  const [, word = "", rest = ""] = COMMAND.exec(text) ?? [];
  if (!word) return { chat: text };
  switch (named(word)) {
    case "me":
      // For every other client it is a text like any other.
      return rest ? { chat: `* ${rest}` } : { problem: "nothing" };
    case "code":
      return { code: rest };
    case "help":
      return { help: true };
    default:
      return { problem: "unknown", command: word };
  }
}

/**
 * @param {string} before the text before the caret
 * @returns {{name: Name, text: string}[]} the commands that it may become
 */
export function commandsFor(before) {
  const [, begun] = BEGUN.exec(before) ?? [];
  if (begun === undefined) return [];
  const meant = NAMES.filter((name) => name.startsWith(begun.toLowerCase()) || name === named(begun));
  return meant.map((name) => ({ name, text: COMMANDS[name].text }));
}

/**
 * @param {string} before the text before the caret
 * @returns {string | null} the name that is being written after `/w`, in lower case
 */
export function namedForWhisper(before) {
  return /^\/(?:w|ㅈ)\s+(.*)$/i.exec(before)?.[1].toLowerCase() ?? null;
}

/** @param {string} word */
function named(word) {
  return NAMES.find((name) => name === word.toLowerCase() || COMMANDS[name].hangul === word);
}
