/** The end of a visit that the visitor did not choose: says why, and leads back to the lobby. */

import { depart } from "../depart.js";
import { byId, copyOf, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { copyText } from "./copy_text.js";

/** @typedef {import("../wire.js").Problem} Problem */

const READING_MS = 5000;

/**
 * @param {Problem} problem
 * @param {string} unsent what was written here and not sent: it stays, to be copied, for as long as its writer likes
 */
export function dismiss(problem, unsent) {
  // The lobby repeats the server's refusals, in the reader's language, for those who were looking elsewhere. That the
  // room was closed is none, and there the room is gone from the list.
  const lobby = problem.error === "closed" ? "/" : `/?error=${encodeURIComponent(problem.message)}`;
  const toLobby = () => depart(lobby);

  const dialog = /** @type {HTMLDialogElement} */ (byId("notice"));
  byId("notice-text").textContent = problem.error === "no_such_room" ? t("js.room.gone") : problemText(problem);
  dialog.addEventListener("close", toLobby);
  if (unsent) offer(dialog, unsent);
  dialog.showModal();
  if (!unsent) setTimeout(toLobby, READING_MS);
}

/**
 * @param {HTMLElement} dialog
 * @param {string} unsent
 */
function offer(dialog, unsent) {
  const offered = copyOf("unsent-template");
  byId("notice-text").after(offered);
  const text = /** @type {HTMLTextAreaElement} */ (byId("unsent"));
  text.value = unsent;
  text.addEventListener("focus", () => text.select());
  offered.querySelector("button")?.addEventListener("click", async () => {
    const copied = await copyText(unsent, dialog);
    part(offered, "copied").textContent = t(copied ? "js.room.copied" : "js.viewer.copied_nothing");
  });
}
