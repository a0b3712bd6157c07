/** Where the reader is in the chat: at its end, which then stays in view, or further up, where nothing may push. */

const NEAR_PX = 48;

export class Scroll {
  #area;
  #list;
  #latest;
  #atEnd = true;
  #live = true;
  #top = 0;
  #width = 0;
  #frame = 0;
  /** The first line that begins in view, or else the one that fills it, and how far below the top of that it begins. */
  #held = { line: /** @type {Element | undefined} */ (undefined), below: 0 };

  /**
   * @param {HTMLElement} area what scrolls
   * @param {HTMLElement} list the lines in it
   * @param {HTMLElement} latest shown when something new is out of view
   */
  constructor(area, list, latest) {
    this.#area = area;
    this.#list = list;
    this.#latest = latest;
    area.addEventListener("scroll", () => this.#moved(), { passive: true });
    // An image that has come, a longer form, a phone's keyboard or turned on its side: the end stays the end, and what
    // is read further up stays in view.
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(area);
    for (const child of area.children) sizes.observe(child);
    this.toEnd();
  }

  /** The `seq` of the line that is being read; Infinity for a reader who stays with the latest. */
  get reader() {
    this.#notice();
    if (this.#atEnd) return Infinity;
    this.#hold();
    return Number(/** @type {HTMLElement | undefined} */ (this.#held.line)?.dataset.seq ?? Infinity);
  }

  /**
   * Whether the last line is the room's latest. If not, its reader does not stay with it: newer ones come below it.
   * @param {boolean} live
   */
  follow(live) {
    if (live === this.#live) return;
    this.#live = live;
    if (!live) {
      this.#atEnd = false;
      this.#latest.hidden = false; // the way back
    }
    this.#moved();
  }

  /** Show the last line, and stay with it if it is the latest. */
  toEnd() {
    this.#area.scrollTop = this.#area.scrollHeight;
    this.#top = this.#area.scrollTop;
    this.#atEnd = this.#live;
    if (this.#atEnd && !this.#latest.hidden) this.#latest.hidden = true;
  }

  /**
   * Show a line further up, and stay there.
   * @param {HTMLElement} line
   */
  toLine(line) {
    this.#atEnd = false;
    line.scrollIntoView({ block: "center" });
  }

  /** Something new has come: the end is shown, or a reader who is further up is told. */
  news() {
    if (!this.#atEnd) {
      this.#latest.hidden = false;
      return;
    }
    // Once for all that comes before the next frame, however much that is.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#notice();
      if (this.#atEnd) this.toEnd();
    });
  }

  /** @param {() => void} change of the lines; what is in view stays where it is */
  keep(change) {
    this.#notice();
    if (this.#atEnd) return change();
    this.#hold();
    change();
    this.#restore();
  }

  #resized() {
    if (this.#width === this.#area.clientWidth) this.#notice();
    this.#width = this.#area.clientWidth;
    if (this.#atEnd) this.toEnd();
    else this.#restore();
  }

  /** Notice that the reader has scrolled, of which the browser has not told yet. */
  #notice() {
    if (this.#area.scrollTop !== this.#top) this.#moved();
  }

  /** Scroll the line that was held back to where it was. */
  #restore() {
    const { line, below } = this.#held;
    const moved = line?.isConnected ? this.#below(line) - below : 0;
    // Where nothing has moved, a scroll that is under way is not to be broken off.
    if (Math.abs(moved) < 1) return;
    this.#area.scrollTop += moved;
    this.#top = this.#area.scrollTop;
  }

  #moved() {
    const { scrollHeight, scrollTop, clientHeight, clientWidth } = this.#area;
    if (clientWidth !== this.#width) return; // the lines have moved and not the reader
    // Only a move upwards leaves the end: when the chat has just grown, the end has moved and not the reader.
    if (this.#live && scrollHeight - scrollTop - clientHeight < NEAR_PX) this.#atEnd = true;
    else if (scrollTop < this.#top) this.#atEnd = false;
    this.#top = scrollTop;
    if (!this.#atEnd) this.#hold();
    else if (!this.#latest.hidden) this.#latest.hidden = true;
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
