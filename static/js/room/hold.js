/**
 * Long presses on a touch screen.
 *
 * Browsers answer them with a menu of their own (for a picture or a link) or by selecting text. Android's say so by a
 * `contextmenu` event, iOS's by none: there the style sheet forbids both.
 */

const HOLD_MS = 450;
const STILL_PX = 10;

/** The end of the press is not a click on what has opened under the finger. */
let ended = true;

addEventListener(
  "click",
  (event) => {
    if (ended || event.detail === 0) return; // by a key or a script
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
for (const type of ["pointerdown", "keydown"]) addEventListener(type, () => (ended = true), { capture: true });

/**
 * @param {HTMLElement} root
 * @param {(target: Element) => boolean} held whether it does anything there; if not, the browser does
 */
export function onHold(root, held) {
  /** @type {{target: Element, x: number, y: number, timer: number} | null} */
  let press = null;

  const stop = () => {
    if (press) clearTimeout(press.timer);
    press = null;
  };
  const hold = () => {
    const target = press?.target;
    stop();
    if (!target?.isConnected || !held(target)) return false;
    ended = false;
    return true;
  };

  root.addEventListener("pointerdown", ({ target, pointerType, isPrimary, clientX: x, clientY: y }) => {
    stop();
    if (pointerType === "mouse" || !isPrimary || !(target instanceof Element)) return;
    press = { target, x, y, timer: setTimeout(hold, HOLD_MS) };
  });
  root.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > STILL_PX) stop();
  });
  for (const type of ["pointerup", "pointercancel"]) root.addEventListener(type, stop);
  addEventListener("contextmenu", (event) => {
    if ((press && hold()) || !ended) event.preventDefault();
  });
}
