/**
 * Tell of the moments at which what was lost is worth a try at once: the network is there again, or the reader is, and
 * the machine may have slept meanwhile.
 * @param {() => void} again
 */
export function onWake(again) {
  addEventListener("online", again);
  addEventListener("pageshow", (event) => event.persisted && again());
  document.addEventListener("visibilitychange", () => document.hidden || again());
}
