/** Handles drags onto the page: shows where to drop, and prevents the browser from navigating away. */

import { byId } from "../../parts.js";
import { wouldNavigate } from "../../stay.js";
import { readTransfer } from "./carried.js";

/** @typedef {import("./transfer.js").TransferContent} TransferContent */

/** Browsers report the end of a drag differently, but all fire "dragover" three times a second. */
const GONE_MS = 500;

export class Drop {
  #overlay = byId("drop");
  #accepts;
  #hideTimer = 0;
  /** What is being dragged from this page itself: a picture of it looks like a file or a link, too. */
  #dragged = /** @type {"picture" | "other" | null} */ (null);

  /**
   * @param {() => boolean} accepts whether anything can be dropped now
   * @param {(data: TransferContent, intoField: boolean) => boolean} onDrop whether it was handled; otherwise the
   *   browser inserts it into the field
   */
  constructor(accepts, onDrop) {
    this.#accepts = accepts;
    addEventListener("dragstart", ({ target }) => {
      const picture = target instanceof Element && (target.matches("img, canvas") || target.querySelector("img, canvas"));
      this.#dragged = picture ? "picture" : "other";
    });
    // Also "pointermove", which never fires during a drag: "dragend" is missing if the dragged element was removed.
    for (const type of ["dragend", "pointermove"]) addEventListener(type, () => (this.#dragged = null));
    for (const type of ["dragenter", "dragover"]) {
      addEventListener(type, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
    addEventListener("drop", (event) => {
      const accepted = this.#over(event);
      this.#show(false);
      if (!accepted || !event.dataTransfer) return;
      if (onDrop(readTransfer(event.dataTransfer), !event.defaultPrevented)) event.preventDefault();
    });
  }

  /**
   * Tell the browser whether it can be dropped. Outside fields, the browser would otherwise navigate to it.
   * @param {DragEvent} event
   * @returns {boolean} whether it can be dropped
   */
  #over(event) {
    const data = event.dataTransfer;
    if (!data) return false;
    const accepted = this.#dragged === null && this.#accepts();
    const files = data.types.includes("Files");
    if (wouldNavigate(event) || this.#dragged === "picture") {
      event.preventDefault();
      if (!accepted) data.dropEffect = "none";
      else if (files) data.dropEffect = "copy"; // a link may not allow copying: leave it to the browser
    }
    this.#show(accepted && files);
    return accepted;
  }

  /** @param {boolean} shown */
  #show(shown) {
    clearTimeout(this.#hideTimer);
    this.#overlay.hidden = !shown;
    if (shown) this.#hideTimer = setTimeout(() => this.#show(false), GONE_MS);
  }
}
