/** Keeps the reader in place: at the end of the chat, which stays in view, or further up, where nothing may move. */

const NEAR_PX = 48;

export class Scroll {
  #area;
  #list;
  #atEnd = true;
  #live = true;
  #top = 0;
  #width = 0;
  #frame = 0;
  /** The first line that begins in view, or the one that fills it, and its distance from the top of the view. */
  #held = { line: /** @type {Element | undefined} */ (undefined), below: 0 };

  /** Called when the reader or the end may be somewhere else. */
  onMoved = () => {};

  /**
   * @param {HTMLElement} area the element that scrolls
   * @param {HTMLElement} list the lines in it
   */
  constructor(area, list) {
    this.#area = area;
    this.#list = list;
    area.addEventListener("scroll", () => this.#notice(), { passive: true });
    // A loaded image, a larger form, an on-screen keyboard or a rotated phone change sizes: the end, or the line being
    // read, stays in view.
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(area);
    for (const child of area.children) sizes.observe(child);
    this.toEnd();
  }

  /** Whether the reader is at the end, which stays in view. */
  get atEnd() {
    return this.#atEnd;
  }

  /** The `seq` of the last line that ends in view; -Infinity if none does. */
  get lowest() {
    const lines = this.#list.children;
    const height = this.#area.clientHeight + 2; // positions are fractions of pixels
    let [at, end] = [0, lines.length];
    while (at < end) {
      const middle = (at + end) >> 1;
      if (this.#below(lines[middle]) + lines[middle].clientHeight <= height) at = middle + 1;
      else end = middle;
    }
    for (at--; at >= 0; at--) {
      const { seq } = /** @type {HTMLElement} */ (lines[at]).dataset;
      if (seq !== undefined) return Number(seq);
    }
    return -Infinity;
  }

  /** @param {Element} line @returns {boolean} whether its beginning is in view */
  shows(line) {
    const below = this.#below(line);
    return below >= 0 && below < this.#area.clientHeight;
  }

  /** The `seq` of the line being read; Infinity for a reader at the end. */
  get reader() {
    this.#notice();
    if (this.#atEnd) return Infinity;
    this.#hold();
    return Number(/** @type {HTMLElement | undefined} */ (this.#held.line)?.dataset.seq ?? Infinity);
  }

  /**
   * Set whether the last line is the room's latest. If not, a reader who sees it stays there when newer lines are added.
   * @param {boolean} live
   */
  follow(live) {
    if (live === this.#live) return;
    this.#live = live;
    if (!live) this.#atEnd = false;
    this.#moved();
  }

  /** Scroll to the last line; if it is the latest, keep the end in view from now on. */
  toEnd() {
    this.#follow();
    this.#atEnd = this.#live;
    this.onMoved();
  }

  /**
   * Scroll to a line further up and stay there.
   * @param {HTMLElement} line
   */
  toLine(line) {
    this.#atEnd = false;
    line.scrollIntoView({ block: "center" });
    this.#moved();
  }

  /**
   * Lines were added at the end: keep it in view, unless the reader is further up.
   * @param {boolean} news whether there is something new
   */
  changed(news) {
    if (!news || !this.#atEnd) return;
    // Once a frame, however many lines were added.
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#notice();
      if (this.#atEnd) this.#follow();
    });
  }

  /**
   * Lines have become fewer or lower. If the end is above where the reader was, the browser has moved them: that must be
   * noticed before other lines are added, or it would seem that they have scrolled up.
   */
  shrank() {
    this.#notice();
  }

  /** @param {() => void} change adds and removes lines; those in view stay in place */
  keep(change) {
    this.#notice();
    if (this.#atEnd) return change();
    this.#hold();
    // What is added above the first line may let it be a group's, without a byline: the next one does not change.
    const { line } = this.#held;
    if (line && line === lineFrom(this.#list.firstElementChild)) this.#holdLine(lineFrom(line.nextElementSibling) ?? line);
    change();
    this.#restore();
  }

  /**
   * @param {Element} element that the reader uses, which stays in place
   * @param {() => void} change shows or hides what is below it
   */
  use(element, change) {
    this.#atEnd = false;
    this.#holdLine(element);
    change();
    this.#restore();
    this.#moved();
  }

  #resized() {
    if (this.#width === this.#area.clientWidth) this.#notice();
    this.#width = this.#area.clientWidth;
    if (this.#atEnd) this.#follow();
    else this.#restore();
  }

  /** Keep the end in view; for a reader who is there, nothing else changes. */
  #follow() {
    this.#area.scrollTop = this.#area.scrollHeight;
    this.#top = this.#area.scrollTop;
  }

  /** Handle a scroll, perhaps before its event arrives. Our own are known already. */
  #notice() {
    if (this.#area.scrollTop !== this.#top) this.#moved();
  }

  /** Move the held line back to where it was. */
  #restore() {
    const { line, below } = this.#held;
    const moved = line?.isConnected ? this.#below(line) - below : 0;
    // If nothing has moved, do not interrupt a scroll in progress.
    if (Math.abs(moved) < 1) return;
    this.#area.scrollTop += moved;
    this.#top = this.#area.scrollTop;
  }

  #moved() {
    const { scrollHeight, scrollTop, clientHeight, clientWidth } = this.#area;
    if (clientWidth !== this.#width) return; // the lines have moved, not the reader
    // Only scrolling up leaves the end: when the chat has grown, or has shrunk to less than where the reader was, the end
    // has moved, not the reader.
    const end = scrollHeight - clientHeight;
    if (this.#live && end - scrollTop < NEAR_PX) this.#atEnd = true;
    else if (scrollTop < this.#top && this.#top <= end + 1) this.#atEnd = false; // heights are rounded, positions are not
    this.#top = scrollTop;
    if (!this.#atEnd) this.#hold();
    this.onMoved();
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
    // A line that begins above the view may change its height.
    const begins = next && this.#below(lines[first]) < 0 && this.#below(next) < this.#area.clientHeight;
    this.#holdLine(lineFrom(begins ? next : lines[first]) ?? lines[first]);
  }

  /** @param {Element | undefined} line */
  #holdLine(line) {
    this.#held = { line, below: line ? this.#below(line) : 0 };
  }

  /** @param {Element} line */
  #below(line) {
    return line.getBoundingClientRect().top - this.#area.getBoundingClientRect().top;
  }
}

/**
 * @param {Element | null | undefined} element in the list
 * @returns {Element | undefined} it or the first after it that stays while its record is shown, unlike what is between lines
 */
function lineFrom(element) {
  for (let at = element; at; at = at.nextElementSibling) {
    const { seq, nonce } = /** @type {HTMLElement} */ (at).dataset;
    if (seq !== undefined || nonce !== undefined) return at;
  }
  return undefined;
}
