/** `/w #a1b2c3 text`: a whisper as a typed command. ㅈ is the same key while the Korean keyboard is on. Pure. */

import { keptText } from "../text.js";

const COMMAND = /^\/[wㅈ](?:\s+#?(\S*)(?:\s+(.+))?)?$/is;

/**
 * @param {string} text trimmed
 * @param {string[]} present the possible recipients' colours; an unambiguous prefix of one is enough
 * @returns {{to: string, chat: string} | {problem: "nobody" | "several"} | null} null when `text` is not a whisper;
 *   `chat` is empty when only the recipient is named
 */
export function parseWhisper(text, present) {
  const command = COMMAND.exec(text);
  if (!command) return null;
  const [, name = "", chat = ""] = command;
  const meant = name ? present.filter((user) => user.startsWith(`#${name.toLowerCase()}`)) : [];
  if (meant.length !== 1) return { problem: meant.length ? "several" : "nobody" };
  return { to: meant[0], chat: keptText(chat) };
}

/**
 * @param {string} text trimmed, possibly unfinished
 * @returns {boolean} whether it is a whisper or may become one
 */
export function mayBeWhisper(text) {
  return /^\/([wㅈ](\s|$)|$)/i.test(text);
}
