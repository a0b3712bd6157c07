/** Plays the images of a list of lines, and shows which cannot be loaded. */

import { imageOf, markBroken } from "./picture.js";

/**
 * @param {HTMLElement} list whose lines may come and go
 * @param {import("./player.js").Player} player
 */
export function playIn(list, player) {
  const added = (/** @type {Node} */ node) => {
    const figure = pictureIn(node);
    if (!figure) return;
    const image = imageOf(figure);
    if (image.getAttribute("src") && image.complete && !image.naturalWidth) failed(image);
    player.watch(figure);
  };
  for (const line of list.children) added(line);
  new MutationObserver((changes) => {
    for (const { addedNodes, removedNodes } of changes) {
      for (const node of removedNodes) {
        const figure = pictureIn(node);
        if (figure) player.unwatch(figure);
      }
      for (const node of addedNodes) added(node);
    }
  }).observe(list, { childList: true, subtree: true }); // a line that stays may lose its image
}

/** @param {HTMLElement} root that has images in it */
export function markFailures(root) {
  // "error" does not bubble.
  root.addEventListener("error", ({ target }) => failed(target), { capture: true });
}

/** @param {EventTarget | null} image that could not be loaded */
function failed(image) {
  const figure = image instanceof HTMLImageElement && image.closest(".picture");
  if (figure) markBroken(/** @type {HTMLElement} */ (figure));
}

/** @param {Node} node @returns {HTMLElement | null} */
function pictureIn(node) {
  if (!(node instanceof HTMLElement)) return null;
  return node.matches(".picture") ? node : node.querySelector(".picture");
}
