/**
 * What fingers do with a line besides tapping: hold it, or drag it to the left to answer it. Loaded when the page is idle.
 *
 * Over a line, the style sheet leaves only vertical movement to the browser (`touch-action`): so nothing must be
 * prevented here, and scrolling never waits for a script.
 */

import { copyOf, part } from "../parts.js";
import { onHold } from "./hold.js";
import { Said } from "./said.js";

/** Beside the edges of the screen, systems have gestures of their own. */
const EDGE_PX = 32;
const BEGINS_PX = 12;
const ENOUGH_PX = 56;
const MOST_PX = 80;

/** @typedef {{line: HTMLElement, x: number, y: number, begun: boolean}} Drag it has begun once the line moves */

export default class TouchedLines {
  #onReply;
  /** @type {Drag | null} */
  #drag = null;
  #cue = copyOf("swipe-template");

  /**
   * @param {HTMLElement} list of lines
   * @param {object} listener
   * @param {(said: Said) => void} listener.onReply
   * @param {(target: Element) => boolean} listener.onHeld whether it does anything there; if not, the browser does
   */
  constructor(list, { onReply, onHeld }) {
    onHold(list, onHeld);
    this.#onReply = onReply;
    const listen = (/** @type {"touchstart" | "touchmove" | "touchend" | "touchcancel"} */ type, /** @type {(event: TouchEvent) => void} */ act) =>
      list.addEventListener(type, act, { passive: true });
    listen("touchstart", (event) => this.#begin(event));
    listen("touchmove", ({ touches: [finger] }) => this.#move(finger));
    listen("touchend", () => this.#end());
    listen("touchcancel", () => this.#stop());
    // On a page that is zoomed in, one finger pans.
    const zoomed = () => list.classList.toggle("swipes", (visualViewport?.scale ?? 1) === 1);
    visualViewport?.addEventListener("resize", zoomed);
    zoomed();
  }

  /** @param {TouchEvent} event */
  #begin({ target, touches }) {
    this.#stop();
    const [{ clientX: x, clientY: y }] = touches;
    const line = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest(".swipes > :is(.mine, .other)[data-id]"));
    const elsewhere = touches.length > 1 || x < EDGE_PX || x > innerWidth - EDGE_PX || /** @type {Element} */ (target).closest("pre");
    if (!line || elsewhere || !part(line, "more") || getSelection()?.isCollapsed === false) return;
    this.#drag = { line, x, y, begun: false };
  }

  /** @param {Touch} finger */
  #move({ clientX, clientY }) {
    const drag = this.#drag;
    if (!drag) return;
    const [left, down] = [drag.x - clientX, Math.abs(clientY - drag.y)];
    if (!drag.begun && Math.max(Math.abs(left), down) < BEGINS_PX) return;
    if (!drag.begun && left < 2 * down) return this.#stop(); // it scrolls, or goes to the right
    const { line } = drag;
    if (!drag.begun) line.append(this.#cue);
    drag.begun = true;
    const pulled = Math.min(Math.max(left, 0), MOST_PX);
    line.classList.add("pulled");
    line.style.translate = `${-pulled}px`;
    this.#cue.style.opacity = String(pulled / ENOUGH_PX);
    this.#cue.classList.toggle("enough", pulled >= ENOUGH_PX);
  }

  #end() {
    const line = this.#drag?.begun ? this.#drag.line : undefined;
    const enough = this.#cue.classList.contains("enough");
    this.#stop();
    if (enough && line?.isConnected) this.#onReply(new Said(line));
  }

  #stop() {
    const line = this.#drag?.line;
    this.#drag = null;
    if (!line) return;
    line.classList.remove("pulled");
    line.style.translate = "";
    this.#cue.classList.remove("enough");
    this.#cue.remove();
  }
}
