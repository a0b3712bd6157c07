/** Blocks of code in a message, between two ``` marks. Pure. */

const MARK = "```";

/**
 * @param {string} before the text before the caret
 * @returns {boolean} whether the caret is in a block that is not closed before it
 */
export function inFence(before) {
  return before.split(MARK).length % 2 === 0;
}
