/**
 * Leaves the page at most once. The end of a visit is often reported twice (an answer and an event, a button and a
 * timer), and a second navigation would abort the first.
 */

let departed = false;

/**
 * Navigate to `address`, unless the page is already leaving.
 * @param {string} address
 * @param {{back?: boolean}} [options] `back`: keep this page in the history
 */
export function depart(address, { back = false } = {}) {
  if (departed) return;
  departed = true;
  removeEventListener("beforeunload", ask);
  if (back) location.assign(address);
  else location.replace(address);
}

/** What would be lost. @type {Set<string>} */
const unfinished = new Set();

/**
 * Set whether the browser asks before leaving this page in any other way, because something would be lost.
 * @param {"changes" | "images" | "desk"} what
 * @param {boolean} on
 */
export function warnBeforeLeaving(what, on) {
  if (on) unfinished.add(what);
  else unfinished.delete(what);
  // Only while needed: some browsers keep a page with this listener out of the back/forward cache.
  if (unfinished.size && !departed) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

/** @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
  event.returnValue = true; // for browsers older than 2023
}
