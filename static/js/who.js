/**
 * Who is who: what visitors look like on this page, and what they are called.
 *
 * Markup names its visitors by their colours, in `data-who`; `dress` fills it in, and `meet` does so again when the
 * people of the room give somebody another handle.
 */

import { Company } from "./faces/company.js";
import { hasParts, onRedraw, pictureOf } from "./faces/drawn.js";
import { part } from "./parts.js";
import { t } from "./texts.js";

const COLOUR = /^#[\da-f]{6}$/;

let company = new Company([]);

/** @type {(users: string[]) => void} */
let onMet = () => {};

/** Who is in the room, to be shown soon. @type {string[] | null} */
let coming = null;

onRedraw(() => dress(document));

/**
 * @param {string} user a colour
 * @returns {string} what people call them
 */
export function nameOf(user) {
  if (!hasParts || !COLOUR.test(user)) return user;
  const { mood, colour, animal, number = "" } = company.of(user).words;
  const words = [mood && t(`js.who.${mood}`), t(`js.who.colour.${colour}`), t(`js.who.animal.${animal}`), number];
  const name = words.filter(Boolean).join(" ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Show who is in the room before the next frame, however often it changes until then.
 * @param {string[]} users
 */
export function meet(users) {
  if (!coming) requestAnimationFrame(() => settle());
  coming = users;
}

/** @param {(users: string[]) => void} listener called when others are in the room, or somebody is called something else */
export function whenMet(listener) {
  onMet = listener;
}

function settle() {
  const before = company;
  const users = coming ?? [];
  coming = null;
  company = new Company(users);
  for (const user of company.changedSince(before)) {
    for (const element of document.querySelectorAll(`[data-who~="${user}"]`)) fill(/** @type {HTMLElement} */ (element));
  }
  onMet(users);
}

/** @param {ParentNode} root whose visitors to show */
export function dress(root) {
  for (const element of root.querySelectorAll("[data-who]")) fill(/** @type {HTMLElement} */ (element));
}

/**
 * Show a visitor in a chip.
 * @param {ParentNode} root holds one chip
 * @param {string} user
 */
export function fillChip(root, user) {
  showFace(part(root, "chip"), user);
}

/**
 * @param {HTMLElement} element holds a face
 * @param {string} user
 */
export function showFace(element, user) {
  element.dataset.who = user;
  element.title = user;
  fill(element);
}

/**
 * Let an element say something about visitors: an image in its alternative text, a button in its label, a reaction in
 * its description, anything else in its text.
 * @param {HTMLElement} element
 * @param {string} key of a text with `{user}`
 * @param {string} user
 */
export function tell(element, key, user) {
  element.dataset.who = user;
  element.dataset.says = key;
  fill(element);
}

/** @param {HTMLElement} element with `data-who` */
function fill(element) {
  const { who, says } = element.dataset;
  if (!who) return;
  if (!says) return fillOne(element, who);
  const user = who.split(" ").map(nameOf).join(", ");
  const text = t(says, { user });
  if (element instanceof HTMLImageElement) element.alt = text;
  else if (element.matches(".reaction")) element.setAttribute("aria-description", text);
  else if (element instanceof HTMLButtonElement) element.setAttribute("aria-label", text);
  else element.textContent = text;
}

/**
 * @param {HTMLElement} element a chip, or a face alone
 * @param {string} user
 */
function fillOne(element, user) {
  const name = element.querySelector(".chip-name");
  const colour = element.querySelector(".chip-colour");
  if (name) name.textContent = nameOf(user);
  if (colour) colour.textContent = user;
  const face = /** @type {HTMLElement | null} */ (element.querySelector(".face"));
  if (face) paint(face, user);
}

/**
 * @param {HTMLElement} face
 * @param {string} user
 */
function paint(face, user) {
  face.replaceChildren();
  face.style.backgroundImage = COLOUR.test(user) ? `url("${pictureOf(user, company.of(user).look)}")` : "";
}
