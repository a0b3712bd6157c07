/** Ends a visit that the visitor did not choose to end: says why, and returns to the lobby. */

import { depart } from "../depart.js";
import { byId, copyOf, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { copyText } from "./copy_text.js";

/** @typedef {import("../wire.js").Problem} Problem */

/**
 * It stays until it is read: whoever looks elsewhere, or hears the page, is not taken away in the middle of it.
 * @param {Problem} problem
 * @param {string} unsent text, to be copied
 */
export function dismiss(problem, unsent) {
  // The lobby repeats a refusal, until that is dismissed, too. A closed room is none, and is missing from the list.
  const lobby = problem.error === "closed" ? "/" : `/?error=${encodeURIComponent(problem.message)}`;
  const dialog = /** @type {HTMLDialogElement} */ (byId("notice"));
  byId("notice-text").textContent = problem.error === "no_such_room" ? t("js.room.gone") : problemText(problem);
  dialog.addEventListener("close", () => depart(lobby));
  if (unsent) showUnsent(dialog, unsent);
  dialog.showModal();
}

/**
 * @param {HTMLElement} dialog
 * @param {string} unsent
 */
function showUnsent(dialog, unsent) {
  const box = copyOf("unsent-template");
  byId("notice-text").after(box);
  const text = /** @type {HTMLTextAreaElement} */ (byId("unsent"));
  text.value = unsent;
  text.addEventListener("focus", () => text.select());
  box.querySelector("button")?.addEventListener("click", async () => {
    const copied = await copyText(unsent, dialog);
    part(box, "copied").textContent = t(copied ? "js.room.copied" : "js.viewer.copied_nothing");
  });
}
