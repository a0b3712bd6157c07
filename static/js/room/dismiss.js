// @ts-check
/** The end of a visit that the visitor did not choose: says why, and leads back to the lobby. */

import { depart } from "../depart.js";
import { byId } from "../parts.js";
import { problemText } from "../texts.js";

/** @typedef {import("../wire.js").Problem} Problem */

const READING_MS = 5000;

/** @param {Problem} problem */
export function dismiss(problem) {
  // The lobby repeats the server's refusals, in the reader's language, for those who were looking elsewhere. That the
  // room was closed is none, and there the room is gone from the list.
  const lobby = problem.error === "closed" ? "/" : `/?error=${encodeURIComponent(problem.message)}`;
  const toLobby = () => depart(lobby);
  if (problem.error === "no_such_room") return toLobby();

  const dialog = /** @type {HTMLDialogElement} */ (byId("notice"));
  byId("notice-text").textContent = problemText(problem);
  dialog.addEventListener("close", toLobby);
  dialog.showModal();
  setTimeout(toLobby, READING_MS);
}
