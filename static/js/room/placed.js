/** Where a small window goes beside what opened it. Pure. */

const EDGE_PX = 8;

/**
 * @typedef {object} Box in CSS pixels
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * @param {Box} at what it belongs to
 * @param {{width: number, height: number}} size of the window
 * @param {{width: number, height: number}} screen
 * @param {"below" | "above"} side where there is room for it; else on the other, or over what it belongs to
 * @returns {{left: number, top: number}} all of it on the screen, if it fits there
 */
export function placed(at, size, screen, side = "below") {
  const above = at.top - size.height - EDGE_PX / 2;
  const below = at.top + at.height + EDGE_PX / 2;
  const fits = { above: above >= EDGE_PX, below: below + size.height <= screen.height - EDGE_PX };
  const under = side === "below" ? fits.below || !fits.above : fits.below && !fits.above;
  return {
    left: within(at.left + (at.width - size.width) / 2, screen.width - size.width),
    top: within(under ? below : above, screen.height - size.height),
  };
}

/**
 * @param {number} wanted
 * @param {number} room of which an edge stays free
 */
function within(wanted, room) {
  return Math.max(Math.min(EDGE_PX, room / 2, room), Math.min(wanted, room - EDGE_PX), 0);
}
