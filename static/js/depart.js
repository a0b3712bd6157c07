// @ts-check
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
  if (back) location.assign(address);
  else location.replace(address);
}
