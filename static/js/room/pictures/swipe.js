/** A finger's stroke to one side. */

const LEAST_PX = 40;

/**
 * Touch events, by which the browser can be told that a stroke is not its own "back". Pointer events would need
 * `touch-action` for that, after which Chromium may swallow the next tap.
 * @param {HTMLElement} element
 * @param {(step: 1 | -1) => void} onSwipe 1: on, the finger went to the left; -1: back
 */
export function watchSwipes(element, onSwipe) {
  /** @type {{x: number, y: number} | null} */
  let start = null;
  const begin = (/** @type {TouchEvent} */ { touches }) => {
    // Two fingers make it a pinch, and what is enlarged already is moved about.
    const stroke = touches.length === 1 && (visualViewport?.scale ?? 1) === 1;
    start = stroke ? { x: touches[0].clientX, y: touches[0].clientY } : null;
  };
  element.addEventListener("touchstart", begin, { passive: true });
  element.addEventListener(
    "touchmove",
    (event) => {
      const [{ clientX, clientY }] = event.touches;
      const sideways = start && Math.abs(clientX - start.x) > Math.abs(clientY - start.y);
      if (sideways && event.cancelable) event.preventDefault();
    },
    { passive: false },
  );
  element.addEventListener("touchend", ({ changedTouches: [finger] }) => {
    if (!start) return;
    const [across, along] = [finger.clientX - start.x, finger.clientY - start.y];
    start = null;
    if (Math.abs(across) >= LEAST_PX && Math.abs(across) > 2 * Math.abs(along)) onSwipe(across < 0 ? 1 : -1);
  });
  element.addEventListener("touchcancel", () => (start = null));
}
