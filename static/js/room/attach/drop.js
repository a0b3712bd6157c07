/** What is dragged onto the page: where it can be dropped is shown, and nowhere does it lead away from the page. */

import { byId } from "../../parts.js";
import { wouldNavigate } from "../../stay.js";
import { carried } from "./carried.js";

/** @typedef {import("./transfer.js").Carried} Carried */

/** Browsers do not tell alike that a drag has left; but while it is there they all tell so, three times a second. */
const GONE_MS = 500;

export class Drop {
  #overlay = byId("drop");
  #accepts;
  #gone = 0;
  /** What is dragged out of the page itself; a picture of it looks like a file or a link, too. */
  #own = /** @type {"picture" | "other" | null} */ (null);

  /**
   * @param {() => boolean} accepts whether anything can be taken just now
   * @param {(data: Carried, intoField: boolean) => boolean} onDrop whether it is taken; a field's browser writes down
   *   what is not
   */
  constructor(accepts, onDrop) {
    this.#accepts = accepts;
    addEventListener("dragstart", ({ target }) => {
      const picture = target instanceof Element && (target.matches("img, canvas") || target.querySelector("img, canvas"));
      this.#own = picture ? "picture" : "other";
    });
    // While something is dragged no pointer moves. Of what has gone from the page meanwhile no end is told.
    for (const type of ["dragend", "pointermove"]) addEventListener(type, () => (this.#own = null));
    for (const type of ["dragenter", "dragover"]) {
      addEventListener(type, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
    addEventListener("drop", (event) => {
      const welcome = this.#over(event);
      this.#show(false);
      if (!welcome || !event.dataTransfer) return;
      if (onDrop(carried(event.dataTransfer), !event.defaultPrevented)) event.preventDefault();
    });
  }

  /**
   * Tell the browser what becomes of it: whatever lies outside the fields, it would else open in place of the page.
   * @param {DragEvent} event
   * @returns {boolean} whether it can be taken
   */
  #over(event) {
    const data = event.dataTransfer;
    if (!data) return false;
    const welcome = this.#own === null && this.#accepts();
    const files = data.types.includes("Files");
    if (wouldNavigate(event) || this.#own === "picture") {
      event.preventDefault();
      if (!welcome) data.dropEffect = "none";
      else if (files) data.dropEffect = "copy"; // a link may allow no copy: there the browser's own choice stays
    }
    this.#show(welcome && files);
    return welcome;
  }

  /** @param {boolean} shown */
  #show(shown) {
    clearTimeout(this.#gone);
    this.#overlay.hidden = !shown;
    if (shown) this.#gone = setTimeout(() => this.#show(false), GONE_MS);
  }
}
