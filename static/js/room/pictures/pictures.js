/** The images of a room's page: plays them, opens the viewer, and shows which cannot be loaded. */

import { Later } from "../../later.js";
import { byId } from "../../parts.js";
import { imageOf, isBroken, markBroken, reload } from "./picture.js";
import { Player } from "./player.js";

export class Pictures {
  #player = new Player();
  /** @type {Later<typeof import("./viewer.js").default, import("./viewer.js").default>} */
  viewer;

  /**
   * @param {HTMLElement} list of lines
   * @param {() => void} onTrouble the viewer cannot be loaded
   */
  constructor(list, onTrouble) {
    const viewer = (/** @type {typeof import("./viewer.js").default} */ Viewer) => {
      this.#listen(byId("viewer"));
      return new Viewer(list, this.#player);
    };
    this.viewer = new Later("viewer", () => import("./viewer.js"), viewer, onTrouble);
    this.#listen(list);
    for (const line of list.children) this.#added(line);
    new MutationObserver((changes) => {
      for (const { addedNodes, removedNodes } of changes) {
        for (const node of removedNodes) this.#removed(node);
        for (const node of addedNodes) this.#added(node);
      }
    }).observe(list, { childList: true, subtree: true }); // a line that stays may lose its image
  }

  /** @param {HTMLElement} root that has images in it */
  #listen(root) {
    root.addEventListener("click", (event) => this.#clicked(event));
    // "error" does not bubble.
    root.addEventListener("error", ({ target }) => failed(target), { capture: true });
  }

  /** @param {Node} node */
  #added(node) {
    const figure = pictureIn(node);
    if (!figure) return;
    const image = imageOf(figure);
    if (image.getAttribute("src") && image.complete && !image.naturalWidth) failed(image);
    this.#player.watch(figure);
  }

  /** @param {Node} node */
  #removed(node) {
    const figure = pictureIn(node);
    if (figure) this.#player.unwatch(figure);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const figure = pictureAround(target);
    if (!figure) return;
    if (target.closest('[data-part="play"]')) return this.#player.toggle(figure);
    const link = target.closest('[data-part="open"][href]');
    // With a modifier key, the browser opens or saves the link instead.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (isBroken(figure)) {
      reload(figure);
      this.#player.update(figure);
    } else {
      this.viewer.use((viewer) => viewer.open(figure));
    }
  }
}

/** @param {EventTarget | null} image that could not be loaded */
function failed(image) {
  const figure = image instanceof HTMLImageElement && pictureAround(image);
  if (figure) markBroken(figure);
}

/** @param {Node} node @returns {HTMLElement | null} */
function pictureIn(node) {
  if (!(node instanceof HTMLElement)) return null;
  return node.matches(".picture") ? node : node.querySelector(".picture");
}

/** @param {Element} element @returns {HTMLElement | null} */
const pictureAround = (element) => element.closest(".picture");
