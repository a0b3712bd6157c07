/** The button that copies a block of code. Its label is no text of the line, which remains what was said. */

import { part } from "../parts.js";
import { t } from "../texts.js";
import { copyText } from "./copy_text.js";

const SHOWN_MS = 2000;

/** @param {HTMLElement} list of lines */
export function copyCodeIn(list) {
  list.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest('[data-part="copy"]');
    if (button instanceof HTMLButtonElement) copy(button);
  });
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const block = /** @type {HTMLElement} */ (button.closest(".code-block"));
  const copied = await copyText(part(block, "code").textContent ?? "", document.body);
  button.setAttribute("aria-label", t(copied ? "js.room.copied" : "js.viewer.copied_nothing"));
  setTimeout(() => button.setAttribute("aria-label", t("js.code.copy")), SHOWN_MS);
}
