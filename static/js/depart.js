/**
 * The way out of a page, taken once. What ends a visit is often told twice (an answer and an event, a button and a
 * clock), and a second navigation would break the first one off.
 */

let departed = false;

/**
 * Go, unless the page is on its way out already.
 * @param {string} address
 * @param {{back?: boolean}} [options] `back`: whether "back" may lead here again
 */
export function depart(address, { back = false } = {}) {
  if (departed) return;
  departed = true;
  warnBeforeLeaving(false);
  if (back) location.assign(address);
  else location.replace(address);
}

/**
 * Whether the browser is to ask before it leaves this page in any other way: there is something to lose.
 * @param {boolean} on
 */
export function warnBeforeLeaving(on) {
  // Not there all the time: a page that listens to this is not kept for "back" by every browser.
  if (on && !departed) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
}

/** @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
  event.returnValue = true; // what browsers of before 2023 go by
}
