/** Recognizes horizontal swipes. */

const MIN_PX = 40;

/**
 * Uses touch events, which can prevent the browser's own "back" gesture. Pointer events would need `touch-action` for
 * that, after which Chromium may swallow the next tap.
 * @param {HTMLElement} element
 * @param {(step: 1 | -1) => void} onSwipe 1: to the next, the finger moved left; -1: to the previous
 */
export function watchSwipes(element, onSwipe) {
  /** @type {{x: number, y: number} | null} */
  let start = null;
  const begin = (/** @type {TouchEvent} */ { touches }) => {
    // Two fingers are a pinch, and on a zoomed page one finger pans.
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
    if (Math.abs(across) >= MIN_PX && Math.abs(across) > 2 * Math.abs(along)) onSwipe(across < 0 ? 1 : -1);
  });
  element.addEventListener("touchcancel", () => (start = null));
}
