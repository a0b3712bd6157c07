/** Where the reader is in the chat: at its end, which then stays in view, or further up, where nothing may push. */

const NEAR_PX = 48;

export class Scroll {
  #area;
  #list;
  #latest;
  #atEnd = true;
  #top = 0;
  #width = 0;
  /** The first line that begins in view, or else the one that fills it, and how far below the top of that it begins. */
  #held = { line: /** @type {Element | undefined} */ (undefined), below: 0 };

  /**
   * @param {HTMLElement} area what scrolls
   * @param {HTMLElement} list the lines in it
   * @param {HTMLButtonElement} latest shown when something new is out of view
   */
  constructor(area, list, latest) {
    this.#area = area;
    this.#list = list;
    this.#latest = latest;
    area.addEventListener("scroll", () => this.#moved(), { passive: true });
    latest.addEventListener("click", () => this.toEnd());
    // An image that has come, a longer form, a phone's keyboard or turned on its side: the end stays the end, and what
    // is read further up stays in view.
    const sizes = new ResizeObserver(() => this.#resized());
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
    // At the end, the end is shown once the lines are laid out: a thousand in one laid out for each that comes would
    // leave the page behind a class that talks.
    if (news && !this.#atEnd) this.#latest.hidden = false;
  }

  /** @param {() => void} change of what is above; what is in view stays where it is */
  keep(change) {
    const fromEnd = this.#area.scrollHeight - this.#area.scrollTop;
    change();
    this.#area.scrollTop = this.#area.scrollHeight - fromEnd;
  }

  #resized() {
    this.#width = this.#area.clientWidth;
    const { line, below } = this.#held;
    if (this.#atEnd) this.toEnd();
    const moved = !this.#atEnd && line?.isConnected ? this.#below(line) - below : 0;
    // Where nothing has moved, a scroll that is under way is not to be broken off.
    if (Math.abs(moved) >= 1) this.#area.scrollTop += moved;
  }

  #moved() {
    const { scrollHeight, scrollTop, clientHeight, clientWidth } = this.#area;
    if (clientWidth !== this.#width) return; // the lines have moved and not the reader
    // Only a move upwards leaves the end: when the chat has just grown, the end has moved and not the reader.
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) this.#atEnd = true;
    else if (scrollTop < this.#top) this.#atEnd = false;
    this.#top = scrollTop;
    if (this.#atEnd) this.#latest.hidden = true;
    else this.#hold();
  }

  #hold() {
    const lines = this.#list.children;
    let [first, end] = [0, lines.length];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (this.#below(lines[middle]) + lines[middle].clientHeight > 0) end = middle;
      else first = middle + 1;
    }
    const next = lines[first + 1];
    // Of one that has its beginning above, a part may come or go.
    const begins = next && this.#below(lines[first]) < 0 && this.#below(next) < this.#area.clientHeight;
    const line = begins ? next : lines[first];
    this.#held = { line, below: line ? this.#below(line) : 0 };
  }

  /** @param {Element} line */
  #below(line) {
    return line.getBoundingClientRect().top - this.#area.getBoundingClientRect().top;
  }
}
