/** Keeps the screen on while the page is visible. Browsers allow it only on secure pages, such as the server's own machine's. */
export function keepAwake() {
  const ask = () => {
    if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); // it may be refused, as on a low battery
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}
