/**
 * Plays animated images while they are in view, the page is visible, and the reader wants them to play.
 *
 * They play unless the reader, or their system, prefers that nothing moves. An image's own button overrides that. One
 * that flashes plays only by its button, whatever anyone prefers, and only as long as it is seen.
 */

import { isStill, onMotionChange } from "../../motion.js";
import { flashes, isAnimated, setPlaying, showPlayButton } from "./picture.js";

export class Player {
  /** @type {Set<HTMLElement>} */
  #watched = new Set();
  /** @type {Set<HTMLElement>} */
  #inView = new Set();
  /** @type {Map<HTMLElement, boolean>} by the image's button */
  #chosen = new Map();
  /** @type {HTMLElement | null} */
  #stage = null;
  // Scrolling ancestors clip, so one observer serves both the chat and the viewer.
  #observer = new IntersectionObserver((entries) => this.#visibilityChanged(entries));

  constructor() {
    document.addEventListener("visibilitychange", () => this.#updateInView());
    onMotionChange(() => this.#preferenceChanged());
  }

  /** @param {HTMLElement} figure that was added to the page */
  watch(figure) {
    if (!isAnimated(figure)) return;
    this.#watched.add(figure);
    this.#observer.observe(figure);
    showPlayButton(figure, this.#wanted(figure));
  }

  /** @param {HTMLElement} figure that was removed */
  unwatch(figure) {
    this.#observer.unobserve(figure);
    for (const group of [this.#watched, this.#inView, this.#chosen]) group.delete(figure);
  }

  /** @param {HTMLElement} figure whose button was pressed */
  toggle(figure) {
    this.#chosen.set(figure, !this.#wanted(figure));
    showPlayButton(figure, this.#wanted(figure));
    this.update(figure);
  }

  /** @param {HTMLElement | null} element only images inside it play; null: all */
  confineTo(element) {
    this.#stage = element;
    this.#updateInView();
  }

  /**
   * Play or stop an image as it should be now.
   * @param {HTMLElement} figure
   */
  update(figure) {
    if (!this.#watched.has(figure)) return;
    setPlaying(figure, this.#seen(figure) && this.#wanted(figure));
  }

  /** @param {HTMLElement} figure */
  #seen(figure) {
    return this.#inView.has(figure) && !document.hidden && (this.#stage?.contains(figure) ?? true);
  }

  /** @param {HTMLElement} figure */
  #wanted(figure) {
    return this.#chosen.get(figure) ?? !(isStill() || flashes(figure));
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #visibilityChanged(entries) {
    for (const { target, isIntersecting } of entries) {
      const figure = /** @type {HTMLElement} */ (target);
      if (isIntersecting) this.#inView.add(figure);
      else this.#inView.delete(figure);
      this.#settle(figure);
    }
  }

  /**
   * Update an image that may have got out of sight.
   * @param {HTMLElement} figure
   */
  #settle(figure) {
    if (flashes(figure) && !this.#seen(figure) && this.#chosen.delete(figure)) showPlayButton(figure, false);
    this.update(figure);
  }

  #updateInView() {
    for (const figure of this.#inView) this.#settle(figure);
  }

  #preferenceChanged() {
    // When nothing shall move any more, all images stop. When they may again, images stopped by hand stay stopped.
    if (isStill()) this.#chosen.clear();
    for (const figure of this.#watched) showPlayButton(figure, this.#wanted(figure));
    this.#updateInView();
  }
}
