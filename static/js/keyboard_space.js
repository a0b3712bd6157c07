/**
 * Keeps the page above an on-screen keyboard. Most browsers make the page lower for it; iOS lays it over the page, whose
 * height stays, and tells only the visual viewport's. The styles use --keyboard (static/css/tokens.css).
 */

/** Less than any keyboard, and more than what is rounded. */
const LOWEST_PX = 80;

/**
 * @param {number} pageHeight of the window
 * @param {{height: number, scale: number}} visible the visual viewport, which zooming in makes smaller as well
 * @returns {number} how much of the page's height is covered, in pixels
 */
export function coveredHeight(pageHeight, { height, scale }) {
  const covered = Math.round(pageHeight - height * scale);
  return covered < LOWEST_PX ? 0 : covered;
}

export function keepAboveKeyboard() {
  const visible = window.visualViewport;
  visible?.addEventListener("resize", () => {
    const covered = coveredHeight(innerHeight, visible);
    document.documentElement.style.setProperty("--keyboard", `${covered}px`);
    if (covered) scrollTo(0, 0); // iOS moves the page up to show the field, which is in view now
  });
}
