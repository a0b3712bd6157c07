/** Tells visitors at their first visit which face is theirs. */

import { copyOf } from "./parts.js";
import { fillChip } from "./who.js";

/** Who was told last: another colour is another face. */
const KEY = "gifchat-you";

/**
 * @param {string} user the visitor's own colour
 * @param {Element} before the element below it
 */
export function introduce(user, before) {
  try {
    if (localStorage.getItem(KEY) === user) return;
    localStorage.setItem(KEY, user);
  } catch {
    return; // the browser forbids it to remember, so it would tell them at every visit
  }
  const note = copyOf("you-template");
  fillChip(note, user);
  note.querySelector('[data-action="close"]')?.addEventListener("click", () => note.remove());
  before.before(note);
}
