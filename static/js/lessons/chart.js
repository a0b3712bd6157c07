/**
 * Charts of all lanes, drawn as SVG without a library: each lane's name is beside its line, and colours and type come
 * from the page's style sheet.
 */

import { t } from "../texts.js";
import { spread, textWidth, ticks, timeTicks } from "./scale.js";
import { rem, svg } from "./svg.js";

/**
 * @typedef {import("./meter.js").Point} Point
 *
 * @typedef {object} Curve
 * @property {string} lesson
 * @property {string} name
 * @property {Point[]} points
 */

export class Chart {
  #svg;
  #kind;
  #amount;
  /** @type {{lines: Curve[], from: number, to: number}} */
  #drawn = { lines: [], from: 0, to: 0 };

  /**
   * @param {SVGElement} root
   * @param {"steps" | "dots"} kind a cumulative amount, or separate values
   * @param {(amount: number) => string} amount as text
   */
  constructor(root, kind, amount) {
    this.#svg = root;
    this.#kind = kind;
    this.#amount = amount;
    new ResizeObserver(() => this.draw(this.#drawn.lines, this.#drawn.from, this.#drawn.to)).observe(root);
  }

  /**
   * @param {Curve[]} lines
   * @param {number} from the time at the left edge, in milliseconds
   * @param {number} to the time at the right edge
   */
  draw(lines, from, to) {
    this.#drawn = { lines, from, to };
    const { width, height } = this.#svg.getBoundingClientRect();
    if (!width) return;
    const unit = rem();
    const small = 0.8125 * unit;
    const names = Math.max(...lines.map(({ name }) => textWidth(name, 1.1 * small)), 0);
    const box = { left: 3.6 * unit, right: width - names - 0.5 * unit, top: 0.6 * unit, bottom: height - 1.8 * unit };
    const seconds = Math.max(10, (to - from) / 1000);
    const most = Math.max(...lines.flatMap(({ points }) => points.map(([, amount]) => amount)), 0);
    const marks = ticks(most, 4);
    const top = /** @type {number} */ (marks.at(-1));
    const x = (/** @type {number} */ at) => box.left + ((at - from) / 1000 / seconds) * (box.right - box.left);
    const y = (/** @type {number} */ amount) => box.bottom - (amount / top) * (box.bottom - box.top);

    const axes = [
      ...marks.map((mark) =>
        svg(
          "g",
          {},
          svg("line", { class: "chart-grid", x1: box.left, x2: box.right, y1: y(mark), y2: y(mark) }),
          svg("text", { class: "chart-y", x: box.left - 0.4 * unit, y: y(mark) + 0.35 * small }, this.#amount(mark)),
        ),
      ),
      ...timeTicks(seconds, Math.max(2, Math.floor((box.right - box.left) / (3 * unit)))).map((second) =>
        svg("text", { class: "chart-x", x: x(from + second * 1000), y: box.bottom + 1.3 * unit }, clockText(second)),
      ),
    ];

    const shown = lines.filter(({ points }) => points.length);
    const ends = spread(
      shown.map(({ points }) => y(/** @type {Point} */ (points.at(-1))[1]) + 0.35 * small),
      1.2 * small,
      box.top + small,
      box.bottom,
    );
    const drawn = shown.map(({ lesson, name, points }, index) =>
      svg(
        "g",
        { class: "chart-line", "data-lesson": lesson },
        this.#kind === "steps" ? steps(points, x, y, to) : dots(points, x, y),
        svg("text", { class: "chart-name", x: box.right + 0.5 * unit, y: ends[index] }, name),
      ),
    );
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    label(this.#svg, shown.map(({ name, points }) => `${name} ${this.#amount(/** @type {Point} */ (points.at(-1))[1])}`));
    this.#svg.replaceChildren(...axes, ...drawn);
  }
}

/** A bar chart: each bar has its name above and its amount at the end. */
export class Bars {
  #svg;
  #amount;
  /** @type {{lesson: string, name: string, amount: number}[]} */
  #drawn = [];

  /**
   * @param {SVGElement} root
   * @param {(amount: number) => string} amount as text
   */
  constructor(root, amount) {
    this.#svg = root;
    this.#amount = amount;
    new ResizeObserver(() => this.draw(this.#drawn)).observe(root);
  }

  /** @param {{lesson: string, name: string, amount: number}[]} bars */
  draw(bars) {
    this.#drawn = bars;
    const { width, height } = this.#svg.getBoundingClientRect();
    if (!width) return;
    const unit = rem();
    const row = Math.min(height / Math.max(bars.length, 1), 4 * unit);
    const most = Math.max(...bars.map(({ amount }) => amount), 1);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    label(this.#svg, bars.map(({ name, amount }) => `${name} ${this.#amount(amount)}`));
    this.#svg.replaceChildren(
      ...bars.map(({ lesson, name, amount }, index) => {
        const y = index * row + 1.25 * unit;
        const length = Math.max(2, ((width - 5 * unit) * amount) / most);
        return svg(
          "g",
          { "data-lesson": lesson },
          svg("text", { class: "chart-name", x: 0, y: y - 0.25 * unit }, name),
          svg("rect", { class: "chart-bar", y, width: length, height: 0.9 * unit, rx: 3 }),
          svg("text", { class: "chart-amount", x: length + 0.4 * unit, y: y + 0.75 * unit }, this.#amount(amount)),
        );
      }),
    );
  }
}

/**
 * @param {Point[]} points
 * @param {(at: number) => number} x
 * @param {(amount: number) => number} y
 * @param {number} to
 */
function steps(points, x, y, to) {
  let path = `M${x(points[0][0]).toFixed(1)} ${y(0).toFixed(1)}`;
  for (const [at, amount] of points) path += `H${x(at).toFixed(1)}V${y(amount).toFixed(1)}`;
  return svg("path", { d: `${path}H${x(to).toFixed(1)}` });
}

/**
 * One path of zero-length lines whose round caps are the dots: much cheaper than a circle for each.
 * @param {Point[]} points
 * @param {(at: number) => number} x
 * @param {(amount: number) => number} y
 */
function dots(points, x, y) {
  const d = points.map(([at, amount]) => `M${x(at).toFixed(1)} ${y(amount).toFixed(1)}h0`).join("");
  return svg("path", { class: "chart-dots", d });
}

/**
 * Describe a chart in words.
 * @param {SVGElement} chart
 * @param {string[]} values
 */
function label(chart, values) {
  chart.setAttribute("aria-label", values.join(", ") || t("js.lessons.nothing_yet"));
}

/** @param {number} seconds */
function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
