/** Whether a message consists of a few emoji alone, which are then shown large. Pure. */

const MOST = 6;
/** The longest emoji: two people who kiss, each with a skin tone. */
const LONGEST = 15;

/** What an emoji begins with: keycaps, ©, ®, symbols, and the planes above. */
const BEGINS = /^(?:[#*0-9]\ufe0f?\u20e3|[\u00a9\u00ae\u203c-\u3299\ud83c-\ud83e])/;
/** What no emoji has. Dividing a text takes long, so that nearly all texts are recognized by these. */
const LETTERS = /[a-z\u3131-\u318e\uac00-\ud7a3]/i;

/** @type {{segmenter: Intl.Segmenter, emoji: RegExp} | null | undefined} null in browsers that cannot tell */
let tools;

/**
 * @param {string} text
 * @returns {boolean} whether it has one to six emoji, and nothing else but spaces
 */
export function isEmojiAlone(text) {
  if (text.length > MOST * (LONGEST + 1) || !BEGINS.test(text) || LETTERS.test(text)) return false;
  tools ??= made();
  if (!tools) return false;
  let count = 0;
  for (const { segment } of tools.segmenter.segment(text)) {
    if (segment.trim() === "") continue;
    if (++count > MOST || !tools.emoji.test(segment)) return false;
  }
  return count > 0;
}

function made() {
  try {
    // biome-ignore lint/complexity/useRegexLiterals: with a literal, older browsers could not read the script
    return { segmenter: new Intl.Segmenter(), emoji: new RegExp("^\\p{RGI_Emoji}$", "v") };
  } catch {
    return null;
  }
}
