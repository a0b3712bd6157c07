/**
 * A scrolling diagram of a lane's last seconds between browser and server: an arrow for each passage, and a band while
 * a connection is open.
 */

import { isStill } from "../motion.js";
import { t } from "../texts.js";
import { rem, svg } from "./svg.js";

/** @typedef {import("./passage.js").Passage} Passage */

const SECONDS = 12;

/** How often the diagram scrolls: about 30 times a second, or in larger steps with reduced motion. */
const MOVE_MS = 30;
const STEP_MS = 500;


export class Ladder {
  #svg;
  #moving = svg("g");
  #bands = svg("g");
  #arrows = svg("g");
  #labels = [svg("text", { class: "ladder-label" }), svg("text", { class: "ladder-label" })];
  #lines = [svg("line", { class: "ladder-line" }), svg("line", { class: "ladder-line" })];
  #began = performance.now();
  #width = 1;
  #height = 1;
  /** The visible passages, kept to redraw them when the size changes. @type {Passage[]} */
  #passages = [];
  /** @type {{from: number, to: number | null, rect: SVGElement}[]} */
  #opened = [];
  #running = false;
  #seen = false;
  #moves = false;
  /** The position of the last arrow, in milliseconds. */
  #last = 0;

  /** @param {SVGElement} root */
  constructor(root) {
    this.#svg = root;
    this.#labels[0].textContent = t("js.lessons.server");
    this.#labels[1].textContent = t("js.lessons.browser");
    this.#moving.append(this.#bands, this.#arrows);
    root.append(this.#moving, ...this.#lines, ...this.#labels);
    new ResizeObserver(() => this.#resize()).observe(root);
    new IntersectionObserver(([entry]) => {
      this.#seen = entry.isIntersecting;
      this.#goOn();
    }).observe(root);
  }

  /** @param {boolean} running whether the diagram scrolls */
  run(running) {
    this.#running = running;
    this.#goOn();
  }

  /** @param {Passage} passage */
  add(passage) {
    this.#passages.push(passage);
    this.#arrows.append(this.#arrow(passage));
    this.#move();
  }

  /** @param {boolean} open whether a connection is open now */
  hold(open) {
    const last = this.#opened.at(-1);
    if (last && last.to === null) {
      if (open) return;
      last.to = performance.now();
    } else if (open) {
      const rect = svg("rect", { class: "ladder-band" });
      this.#size(rect);
      this.#opened.push({ from: performance.now(), to: null, rect });
      this.#bands.append(rect);
    }
    this.#move();
  }

  clear() {
    this.#passages = [];
    this.#arrows.replaceChildren();
    this.#opened = this.#opened.filter(({ to }) => to === null);
    this.#bands.replaceChildren(...this.#opened.map(({ rect }) => rect));
  }

  /** Keep scrolling while it is running and visible. */
  #goOn() {
    if (this.#moves || !this.#running || !this.#seen) return;
    this.#moves = true;
    this.#move();
    setTimeout(
      () =>
        requestAnimationFrame(() => {
          this.#moves = false;
          this.#goOn();
        }),
      isStill() ? STEP_MS : MOVE_MS - 16,
    );
  }

  get #pixelsPerMs() {
    return this.#width / (SECONDS * 1000);
  }

  /** @param {number} at */
  #x(at) {
    return (at - this.#began) * this.#pixelsPerMs;
  }

  #move() {
    const now = performance.now();
    const past = now - SECONDS * 1000;
    while (this.#passages.length && this.#passages[0].at < past) {
      this.#passages.shift();
      this.#arrows.firstChild?.remove();
    }
    while (this.#opened.length && (this.#opened[0].to ?? now) < past) this.#opened.shift()?.rect.remove();
    for (const { from, to, rect } of this.#opened) {
      rect.setAttribute("x", String(this.#x(from)));
      rect.setAttribute("width", String(Math.max(1, this.#x(to ?? now) - this.#x(from))));
    }
    this.#moving.setAttribute("transform", `translate(${this.#width - this.#x(now)} 0)`);
  }

  /** @param {Passage} passage */
  #arrow({ at, up, what, events }) {
    const [top, bottom] = this.#edges;
    // Draw an arrow that follows at once beside the previous one, not on top of it.
    const apart = (0.5 * rem()) / this.#pixelsPerMs;
    this.#last = Math.max(at, Math.min(this.#last + apart, at + 4 * apart));
    const x = this.#x(this.#last);
    const head = 0.3 * rem();
    const [from, to, tip] = up ? [bottom, top, top + head] : [top, bottom, bottom - head];
    const empty = !up && what === "answer" && events.length === 0;
    const arrow = svg(
      "g",
      { class: "ladder-arrow", "data-way": up ? "up" : "down", ...(empty && { "data-empty": "" }) },
      svg("line", { x1: x, x2: x, y1: from, y2: tip }),
      svg("path", { d: `M${x} ${to}L${x - head} ${tip + (tip - to) * 0.4}H${x + head}Z` }),
    );
    if (events.length) arrow.append(svg("circle", { cx: x, cy: (top + bottom) / 2, r: 0.28 * rem() }));
    return arrow;
  }

  get #edges() {
    const edge = 1.15 * rem();
    return [edge, this.#height - edge];
  }

  #resize() {
    const { width, height } = this.#svg.getBoundingClientRect();
    if (!width) return;
    this.#width = width;
    this.#height = height;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const [top, bottom] = this.#edges;
    for (const [at, y] of [top, bottom].entries()) {
      for (const [name, value] of Object.entries({ x1: 0, x2: width, y1: y, y2: y })) {
        this.#lines[at].setAttribute(name, String(value));
      }
      this.#labels[at].setAttribute("x", "0");
      this.#labels[at].setAttribute("y", String(at ? y + 0.95 * rem() : y - 0.35 * rem()));
    }
    for (const { rect } of this.#opened) this.#size(rect);
    this.#arrows.replaceChildren(...this.#passages.map((passage) => this.#arrow(passage)));
    this.#move();
  }

  /** @param {SVGElement} rect */
  #size(rect) {
    const [top, bottom] = this.#edges;
    rect.setAttribute("y", String(top));
    rect.setAttribute("height", String(bottom - top));
  }
}
