/** `/w #a1b2c3 text`: a whisper as a typed command. ㅈ is the same key while the Korean keyboard is on. Pure. */

import { nameKey } from "../names.js";
import { keptText } from "../text.js";

/** Of a name: it has at most 20 characters. A handle has fewer. */
const MOST_WORDS = 10;

const COMMAND = /^\/[wㅈ](?:\s+#?(\S*)(?:\s+(.+))?)?$/is;

/**
 * @param {string} text trimmed
 * @param {string[]} present the possible recipients' colours; an unambiguous prefix of one is enough
 * @param {(user: string) => string[]} called what a recipient is called, each of which may have several words; an
 *   unambiguous prefix of one, up to its first space, is enough
 * @returns {{to: string, chat: string} | {problem: "nobody" | "several"} | null} null when `text` is not a whisper;
 *   `chat` is empty when only the recipient is named
 */
export function parseWhisper(text, present, called = () => []) {
  const command = COMMAND.exec(text);
  if (!command) return null;
  const [, name = "", chat = ""] = command;
  const colour = `#${name.toLowerCase()}`;
  const rest = text.replace(/^\S+\s*/, "");
  const byColour = rest.startsWith("#");
  const whole = byColour ? undefined : wholeName(rest, present, called);
  if (whole) {
    // Nobody gets another's whispers by calling themselves like their colour.
    const meant = present.filter((user) => user === colour || isCalled(user, whole.key));
    return meant.length === 1 ? { to: meant[0], chat: keptText(whole.chat) } : { problem: "several" };
  }
  const meant = name ? present.filter((user) => user.startsWith(colour) || (!byColour && begins(user))) : [];
  if (meant.length !== 1) return { problem: meant.length ? "several" : "nobody" };
  return { to: meant[0], chat: keptText(chat) };

  /** @param {string} user @param {string} key */
  function isCalled(user, key) {
    return called(user).some((one) => nameKey(one) === key);
  }

  /** @param {string} user */
  function begins(user) {
    return called(user).some((one) => nameKey(one).startsWith(nameKey(name)));
  }
}

/**
 * @param {string} rest begins with a name
 * @param {string[]} present
 * @param {(user: string) => string[]} called
 * @returns {{key: string, chat: string} | undefined} the longest name with which it begins, and what follows
 */
function wholeName(rest, present, called) {
  const keys = new Set(present.flatMap(called).map(nameKey));
  const ends = [...rest.matchAll(/\s+|$/g)].slice(0, MOST_WORDS).reverse();
  for (const { index, 0: space } of ends) {
    const key = nameKey(rest.slice(0, index));
    if (key && keys.has(key)) return { key, chat: rest.slice(index + space.length) };
  }
}

/**
 * @param {string} text trimmed, possibly unfinished
 * @returns {boolean} whether it is a whisper or may become one
 */
export function mayBeWhisper(text) {
  return /^\/([wㅈ](\s|$)|$)/i.test(text);
}
