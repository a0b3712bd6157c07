/** What can wait until the page has nothing else to do. */

const AFTER_MS = 2000;

/** @param {() => void} work */
export function whenIdle(work) {
  setTimeout(() => {
    if ("requestIdleCallback" in window) requestIdleCallback(work);
    else work();
  }, AFTER_MS);
}

/**
 * Let the browser's cache have what the next page needs.
 * @param {string} addresses separated by spaces
 */
export function prefetch(addresses) {
  for (const address of addresses.split(" ")) fetch(address, { priority: "low" }).catch(() => {});
}
