/**
 * Call back when retrying a lost connection at once is worthwhile: the network is back, or the reader is, after the
 * machine may have slept.
 * @param {() => void} retry
 */
export function onWake(retry) {
  addEventListener("online", retry);
  addEventListener("pageshow", (event) => event.persisted && retry());
  document.addEventListener("visibilitychange", () => document.hidden || retry());
}
