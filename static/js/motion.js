/** Whether things may move: as the reader has chosen (choices.js), or else as their system prefers. */

const system = matchMedia("(prefers-reduced-motion: reduce)");
const root = document.documentElement;

/** @returns {boolean} whether pictures and animations stand still */
export const isStill = () => (root.dataset.motion ? root.dataset.motion === "still" : system.matches);

/** @param {() => void} listener called when that may have changed */
export function onMotionChange(listener) {
  system.addEventListener("change", listener);
  new MutationObserver(listener).observe(root, { attributeFilter: ["data-motion"] });
}
