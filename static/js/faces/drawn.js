/**
 * Faces as pictures. Each is drawn once and shown wherever its visitor is named: a picture costs next to nothing,
 * where each use of a symbol is a copy of its ten shapes (5 ms of a slow phone's time for every line of a chat).
 */

import { keyOf } from "./company.js";
import { inkOn } from "./look.js";

/** @typedef {import("./look.js").Look} Look */

const SVG = "http://www.w3.org/2000/svg";
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page has the parts of faces; one without them shows plain rounds in the colours. */
export const hasParts = document.getElementById("faces") !== null;

/** @type {Map<string, {key: string, url: string}>} by colour */
const pictures = new Map();

/**
 * @param {string} user a colour
 * @param {Look} look
 * @returns {string} the URL of the picture
 */
export function pictureOf(user, look) {
  const key = keyOf(look);
  const known = pictures.get(user);
  if (known?.key === key) return known.url;
  if (known) URL.revokeObjectURL(known.url);
  const url = URL.createObjectURL(new Blob([draw(user, look)], { type: "image/svg+xml" }));
  pictures.set(user, { key, url });
  return url;
}

/** @param {() => void} listener called when all faces have another outline: that of the other theme */
export function onRedraw(listener) {
  const redraw = () => {
    for (const { url } of pictures.values()) URL.revokeObjectURL(url);
    pictures.clear();
    listener();
  };
  dark.addEventListener("change", redraw);
  new MutationObserver(redraw).observe(root, { attributeFilter: ["data-theme"] });
}

/**
 * @param {string} user
 * @param {Look} look
 * @returns {string} as in templates/partials/faces.html, with the space around it that its `image` has
 */
function draw(user, { animal, body, eyes, mouth }) {
  const face = document.createElementNS(SVG, "svg");
  const line = getComputedStyle(root).getPropertyValue("--face-line").trim();
  const looks = { viewBox: "-8 -8 64 64", fill: user, color: inkOn(user), stroke: line, "stroke-width": "2.5" };
  for (const [name, value] of Object.entries({ ...looks, "stroke-linecap": "round", "stroke-linejoin": "round" })) {
    face.setAttribute(name, value);
  }
  const names = [`animal-${animal}`, `body-${body}`, "shine", `over-${animal}`, `eyes-${eyes}`, `mouth-${mouth}`];
  const shapes = hasParts ? names.map((name) => document.getElementById(`face-${name}`)?.cloneNode(true)) : [round()];
  face.append(...shapes.filter((shape) => shape !== undefined));
  return new XMLSerializer().serializeToString(face);
}

/** @returns {Element} as in templates/partials/faces.html */
function round() {
  const circle = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ cx: "24", cy: "29", r: "14" })) circle.setAttribute(name, value);
  return circle;
}
