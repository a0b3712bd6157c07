// @ts-check
/** Where the reader is in the chat: at its end, which then stays in view, or further up, where nothing may push. */

const NEAR_PX = 48;

export class Scroll {
  #area;
  #latest;
  #atEnd = true;
  #top = 0;

  /**
   * @param {HTMLElement} area what scrolls
   * @param {HTMLButtonElement} latest shown when something new is out of view
   */
  constructor(area, latest) {
    this.#area = area;
    this.#latest = latest;
    area.addEventListener("scroll", () => this.#moved(), { passive: true });
    latest.addEventListener("click", () => this.toEnd());
    // An image that has come, a longer form, a phone's keyboard: the end stays the end.
    const sizes = new ResizeObserver(() => this.#atEnd && this.toEnd());
    sizes.observe(area);
    for (const child of area.children) sizes.observe(child);
    this.toEnd();
  }

  /** Show the latest, and stay with it. */
  toEnd() {
    this.#area.scrollTop = this.#area.scrollHeight;
    this.#atEnd = true;
    this.#latest.hidden = true;
  }

  /**
   * Show a line further up, and stay there.
   * @param {HTMLElement} line
   */
  toLine(line) {
    this.#atEnd = false;
    line.scrollIntoView({ block: "center" });
  }

  /**
   * The chat has changed at its end.
   * @param {boolean} news there is something to tell a reader who is further up
   */
  changed(news) {
    if (this.#atEnd) this.toEnd();
    else if (news) this.#latest.hidden = false;
  }

  /** @param {() => void} change of what is above; what is in view stays where it is */
  keep(change) {
    const fromEnd = this.#area.scrollHeight - this.#area.scrollTop;
    change();
    this.#area.scrollTop = this.#area.scrollHeight - fromEnd;
  }

  #moved() {
    const { scrollHeight, scrollTop, clientHeight } = this.#area;
    // Only a move upwards leaves the end: when the chat has just grown, the end has moved and not the reader.
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) this.#atEnd = true;
    else if (scrollTop < this.#top) this.#atEnd = false;
    this.#top = scrollTop;
    if (this.#atEnd) this.#latest.hidden = true;
  }
}
