/** The images of a room's page: opens the viewer, and lets those play that are in the list. */

import { Later } from "../../later.js";
import { byId } from "../../parts.js";
import { isBroken, reload } from "./picture.js";
import { Player } from "./player.js";
import { markFailures, playIn } from "./playing.js";

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
    playIn(list, this.#player);
  }

  /** @param {HTMLElement} root that has images in it */
  #listen(root) {
    root.addEventListener("click", (event) => this.#clicked(event));
    markFailures(root);
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const figure = /** @type {HTMLElement | null} */ (target.closest(".picture"));
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
