/** Whether the reader points at the list, so that nothing in it may move. */

export class Hold {
  #list;
  #onReleased;
  /** Where the pointer was. A page that comes under a pointer at rest is not pointed at. @type {string | null} */
  #at = null;

  held = false;

  /**
   * @param {HTMLElement} list
   * @param {() => void} onReleased
   */
  constructor(list, onReleased) {
    this.#list = list;
    this.#onReleased = onReleased;
    document.addEventListener("pointermove", (event) => this.#moved(event));
    for (const event of ["pointerdown", "wheel"]) {
      list.addEventListener(event, () => (this.held = true), { passive: true });
    }
    list.addEventListener("pointerleave", () => this.#release());
    document.addEventListener("visibilitychange", () => document.hidden && this.#release());
  }

  /** Let everything take its place. */
  #release() {
    if (!this.held) return;
    this.held = false;
    this.#onReleased();
  }

  /** @param {PointerEvent} event */
  #moved({ clientX, clientY, target }) {
    const at = `${clientX} ${clientY}`;
    if (this.#at !== null && this.#at !== at && this.#list.contains(/** @type {Node} */ (target))) this.held = true;
    this.#at = at;
  }
}
