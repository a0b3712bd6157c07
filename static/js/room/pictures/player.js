/**
 * Which of the images that move do so: those in view, on a page in view, that their reader wants to see move.
 *
 * The reader wants it unless their system prefers reduced motion; what they press on an image goes before that.
 */

import { STILL, moves, showWanted, turn } from "./picture.js";

export class Player {
  #still = matchMedia(STILL);
  /** @type {Set<HTMLElement>} */
  #watched = new Set();
  /** @type {Set<HTMLElement>} */
  #inView = new Set();
  /** @type {Map<HTMLElement, boolean>} what was pressed */
  #chosen = new Map();
  /** @type {HTMLElement | null} */
  #stage = null;
  // Clipped by all that scrolls above it, so that one is enough for the chat and for what covers it.
  #sight = new IntersectionObserver((entries) => this.#seen(entries));

  constructor() {
    document.addEventListener("visibilitychange", () => this.#settleInView());
    this.#still.addEventListener("change", () => this.#preferenceChanged());
  }

  /** @param {HTMLElement} figure that is on the page now */
  watch(figure) {
    if (!moves(figure)) return;
    this.#watched.add(figure);
    this.#sight.observe(figure);
    showWanted(figure, this.#wanted(figure));
  }

  /** @param {HTMLElement} figure that is to be forgotten */
  unwatch(figure) {
    this.#sight.unobserve(figure);
    for (const group of [this.#watched, this.#inView, this.#chosen]) group.delete(figure);
  }

  /** @param {HTMLElement} figure whose button was pressed */
  toggle(figure) {
    this.#chosen.set(figure, !this.#wanted(figure));
    showWanted(figure, this.#wanted(figure));
    this.settle(figure);
  }

  /** @param {HTMLElement | null} element outside of which nothing moves, while there is one */
  confine(element) {
    this.#stage = element;
    this.#settleInView();
  }

  /**
   * Bring an image into the state that it is to be in.
   * @param {HTMLElement} figure
   */
  settle(figure) {
    if (!this.#watched.has(figure)) return;
    const seen = this.#inView.has(figure) && !document.hidden && (this.#stage?.contains(figure) ?? true);
    turn(figure, seen && this.#wanted(figure));
  }

  /** @param {HTMLElement} figure */
  #wanted(figure) {
    return this.#chosen.get(figure) ?? !this.#still.matches;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const figure = /** @type {HTMLElement} */ (target);
      if (isIntersecting) this.#inView.add(figure);
      else this.#inView.delete(figure);
      this.settle(figure);
    }
  }

  #settleInView() {
    for (const figure of this.#inView) this.settle(figure);
  }

  #preferenceChanged() {
    // Now that nothing is to move, nothing does; whoever allows it again may still have stopped some.
    if (this.#still.matches) this.#chosen.clear();
    for (const figure of this.#watched) showWanted(figure, this.#wanted(figure));
    this.#settleInView();
  }
}
