// @ts-check
/** Files dragged onto the page: where they can be dropped is shown, and nowhere do they lead away from the page. */

import { byId } from "../../parts.js";
import { carriesFiles } from "./transfer.js";

/** Browsers do not tell alike that a drag has left; but while it is there they all tell so, three times a second. */
const GONE_MS = 500;

export class Drop {
  #overlay = byId("drop");
  #accepts;
  #gone = 0;
  /** A picture of the page itself looks like a file, too. */
  #own = false;

  /**
   * @param {() => boolean} accepts whether files can be taken just now
   * @param {(files: File[]) => void} onFiles
   */
  constructor(accepts, onFiles) {
    this.#accepts = accepts;
    addEventListener("dragstart", () => (this.#own = true));
    // While something is dragged no pointer moves. Of what has gone from the page meanwhile no end is told.
    for (const type of ["dragend", "pointermove"]) addEventListener(type, () => (this.#own = false));
    for (const type of ["dragenter", "dragover"]) {
      addEventListener(type, (event) => this.#over(/** @type {DragEvent} */ (event)));
    }
    addEventListener("drop", (event) => {
      if (this.#over(event)) onFiles([...(event.dataTransfer?.files ?? [])]);
      this.#show(false);
    });
  }

  /**
   * @param {DragEvent} event
   * @returns {boolean} whether it can be dropped
   */
  #over(event) {
    const data = event.dataTransfer;
    if (!data || !carriesFiles(data.types)) return false;
    event.preventDefault(); // else the browser would open the file, in place of the page
    const welcome = !this.#own && this.#accepts();
    data.dropEffect = welcome ? "copy" : "none";
    this.#show(welcome);
    return welcome;
  }

  /** @param {boolean} shown */
  #show(shown) {
    clearTimeout(this.#gone);
    this.#overlay.hidden = !shown;
    if (shown) this.#gone = setTimeout(() => this.#show(false), GONE_MS);
  }
}
