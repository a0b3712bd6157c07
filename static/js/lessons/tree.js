/** The diagram of namespaces, rooms and sockets. Existing shapes move to their new place; new ones appear. */

import { byId } from "../parts.js";
import { t } from "../texts.js";
import { textWidth, textWithin } from "./scale.js";
import { rem, svg } from "./svg.js";
import { layOut } from "./tree_layout.js";

/**
 * @typedef {import("./tree_layout.js").NamespaceBranch} NamespaceBranch
 * @typedef {import("./tree_layout.js").Shape} Shape
 */

const SERVER_ID_LENGTH = 6; // how much of a socket's id the server sends

export class Tree {
  #svg = /** @type {SVGElement} */ (/** @type {unknown} */ (byId("tree")));
  #summary = byId("tree-summary");
  #edges = svg("g");
  #shapes = svg("g");
  /** @type {Map<string, {group: SVGElement, drawn: string}>} */
  #groups = new Map();
  /** @type {NamespaceBranch[]} */
  #namespaces = [];
  #mine;

  /** @param {() => (string | undefined)[]} mine the ids of this tab's sockets */
  constructor(mine) {
    this.#mine = mine;
    this.#svg.append(this.#edges, this.#shapes);
    new ResizeObserver(() => this.draw()).observe(/** @type {Element} */ (this.#svg.parentElement));
  }

  /** @param {NamespaceBranch[]} namespaces */
  show(namespaces) {
    this.#namespaces = namespaces;
    this.draw();
    const rooms = namespaces.reduce((sum, { rooms, more }) => sum + rooms.length + more, 0);
    const sockets = namespaces.reduce((sum, { count }) => sum + count, 0);
    const summary = t("js.lessons.tree.summary", { namespaces: namespaces.length, rooms, sockets });
    this.#summary.textContent = summary;
    this.#svg.setAttribute("aria-label", summary);
  }

  draw() {
    const width = this.#svg.parentElement?.clientWidth ?? 0;
    if (!width || !this.#namespaces.length) return;
    const mine = new Set(this.#mine().map((id) => id?.slice(0, SERVER_ID_LENGTH) ?? ""));
    const { shapes, edges, height } = layOut(this.#namespaces, mine, {
      width,
      unit: rem(),
      server: t("js.lessons.server"),
      say: (key, values) => t(`js.lessons.tree.${key}`, values),
    });
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.setAttribute("height", String(height));
    this.#edges.replaceChildren(...edges.map(({ from, to }) => svg("path", { class: "tree-edge", d: elbow(from, to) })));

    const gone = new Set(this.#groups.keys());
    for (const shape of shapes) {
      gone.delete(shape.key);
      this.#put(shape);
    }
    for (const key of gone) {
      this.#groups.get(key)?.group.remove();
      this.#groups.delete(key);
    }
    // Keep the elements in drawing order, boxes below their contents. Move as few as possible: an element that is
    // inserted again repeats its entry animation.
    /** @type {ChildNode | null} */
    let place = this.#shapes.firstChild;
    for (const { key } of shapes) {
      const { group } = /** @type {{group: SVGElement}} */ (this.#groups.get(key));
      if (group === place) place = place.nextSibling;
      else this.#shapes.insertBefore(group, place);
    }
  }

  /** @param {Shape} shape */
  #put(shape) {
    let known = this.#groups.get(shape.key);
    if (!known) {
      known = { group: svg("g", { class: `tree-${shape.kind}` }), drawn: "" };
      this.#groups.set(shape.key, known);
    }
    const { x, y, ...looks } = shape;
    const drawn = JSON.stringify(looks);
    known.group.style.transform = `translate(${x}px, ${y}px)`;
    if (known.drawn === drawn) return;
    known.drawn = drawn;
    known.group.toggleAttribute("data-mine", shape.mine ?? false);
    known.group.toggleAttribute("data-locked", shape.locked ?? false);
    known.group.replaceChildren(...picture(shape));
  }
}

/** @param {Shape} shape */
function picture({ kind, width, height, text, count, user, mine }) {
  const unit = rem();
  const small = 0.8125 * unit;
  if (kind === "socket") {
    const [x, y] = [0.75 * unit, height / 2];
    return [
      svg("title", {}, mine ? t("js.lessons.tree.mine", { user: user ?? "" }) : (user ?? "")),
      svg("circle", { class: "tree-dot", cx: x, cy: y, r: 0.48 * unit, fill: user ?? "none" }),
      ...(mine
        ? [
            svg("circle", { class: "tree-ring", cx: x, cy: y, r: 0.66 * unit }),
            svg("text", { class: "tree-me", x: x + 0.85 * unit, y: y + 0.35 * small }, t("js.lessons.tree.me")),
          ]
        : []),
    ];
  }
  if (kind === "more") return [svg("text", { class: "tree-note", x: 0.25 * unit, y: height / 2 + 0.35 * small }, text)];
  const middle = 1.125 * unit + 0.35 * unit;
  const size = kind === "room" ? small : unit;
  const countText = count === undefined ? "" : t("js.lessons.tree.count", { count });
  const room = width - 2 * unit - textWidth(countText, small);
  return [
    svg("title", {}, text),
    svg("rect", { class: "tree-box", width, height, rx: 0.5 * unit }),
    kind === "server"
      ? svg("text", { class: "tree-name", x: width / 2, y: middle, "text-anchor": "middle" }, text)
      : svg("text", { class: "tree-name", x: 0.75 * unit, y: middle }, textWithin(text, room, size)),
    svg("text", { class: "tree-count", x: width - 0.75 * unit, y: middle, "text-anchor": "end" }, countText),
  ];
}

/**
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function elbow([x1, y1], [x2, y2]) {
  const half = (y1 + y2) / 2;
  return `M${x1} ${y1}V${half}H${x2}V${y2}`;
}
