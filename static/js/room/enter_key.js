/** Whether Enter makes a line in a text field, instead of sending. */

import { inFence } from "./fence.js";

/**
 * On a touch keyboard Enter makes a line, as in KakaoTalk, Discord, Signal and WhatsApp: it has no Shift+Enter, and the
 * send button is under the thumb. Elsewhere it sends. The reader can choose either (templates/partials/choices.html).
 */
const TOUCH = "(hover: none) and (pointer: coarse)";

/**
 * @param {HTMLTextAreaElement} field
 * @returns {boolean} in an unfinished block of code always
 */
export function makesLine({ value, selectionStart }) {
  const chosen = document.documentElement.dataset.enter;
  return (chosen ? chosen === "line" : matchMedia(TOUCH).matches) || inFence(value.slice(0, selectionStart));
}
