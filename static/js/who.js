/**
 * Who is who: what visitors look like on this page, and what they are called.
 *
 * Markup names its visitors by their colours, in `data-who`; `dress` fills it in, and `meet` does so again when the
 * people of the room give somebody another handle, and `hear` when somebody has another name.
 */

import { Company } from "./faces/company.js";
import { hasParts, onRedraw, pictureOf } from "./faces/drawn.js";
import { Names } from "./names.js";
import { part } from "./parts.js";
import { isolated } from "./text.js";
import { t } from "./texts.js";

const COLOUR = /^#[\da-f]{6}$/;

const names = new Names();

/** Whose name has changed since they were shown. @type {Set<string>} */
const renamed = new Set();

let company = new Company([]);

/** @type {(users: string[]) => void} */
let onMet = () => {};

/** Who is in the room. @type {string[]} */
let present = [];

/** Who is in the room, to be shown soon. @type {string[] | null} */
let coming = null;

// In a room, its records tell. Elsewhere nobody is called by their name but to themselves, in the bar at the top.
const own = /** @type {HTMLElement | null} */ (document.querySelector(".me[data-name]"));
const me = /** @type {HTMLElement | null | undefined} */ (own?.querySelector("[data-who]"))?.dataset.who;
if (me) names.hear([{ seq: 0, user: me, name: own?.dataset.name || undefined }]);

onRedraw(() => dress(document));

/**
 * @param {string} user a colour
 * @returns {string} what people call them: the name they gave themselves, or their handle
 */
export function nameOf(user) {
  return ownNameOf(user) ?? handleOf(user);
}

/** @param {string} user @returns {string | undefined} the name that they gave themselves */
export function ownNameOf(user) {
  return names.of(user);
}

/** @param {string} user @returns {string[]} all that they may be called */
export function callings(user) {
  return [nameOf(user), handleOf(user)];
}

/** @param {string} user @returns {string} `nameOf`, for the middle of a text */
export function calledInText(user) {
  const name = ownNameOf(user);
  return name === undefined ? handleOf(user) : isolated(name);
}

/**
 * @param {string} user
 * @param {(key: string) => string} say the text of a key
 * @returns {string} what their colour and their face are called
 */
export function handleOf(user, say = t) {
  if (!hasParts || !COLOUR.test(user)) return user;
  const { mood, colour, animal, number = "" } = company.of(user).words;
  const words = [mood && say(`js.who.${mood}`), say(`js.who.colour.${colour}`), say(`js.who.animal.${animal}`), number];
  const name = words.filter(Boolean).join(" ");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/**
 * Show who is in the room before the next frame, however often it changes until then.
 * @param {string[]} users
 */
export function meet(users) {
  settleSoon();
  coming = users;
}

/** @param {(users: string[]) => void} listener called when others are in the room, or somebody is called something else */
export function whenMet(listener) {
  onMet = listener;
}

/** @param {import("./names.js").Heard[]} records just received, before they are drawn */
export function hear(records) {
  rename(names.hear(records));
}

/** @param {Parameters<Names["enter"]>[0]} room */
export function hearFrom(room) {
  rename(names.enter(room));
}

/** The records are numbered anew. */
export function renumber() {
  names.renumber();
}

/** @param {HTMLElement} list of lines that the server rendered */
export function hearLines(list) {
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(":scope > [data-seq]"))) {
    const { seq, name } = line.dataset;
    const user = /** @type {HTMLElement | null} */ (line.querySelector("[data-who]"))?.dataset.who;
    if (user) names.hear([{ seq: Number(seq), user, name }]);
    const quote = /** @type {HTMLElement | null} */ (line.querySelector(".quote"));
    const quoted = /** @type {HTMLElement | null} */ (quote?.querySelector("[data-who]"))?.dataset.who;
    if (quote && quoted) names.hear([{ seq: Number(quote.dataset.originalSeq), user: quoted, name: quote.dataset.name }]);
  }
}

/** @param {string[]} users who are called something else now */
function rename(users) {
  if (users.length) settleSoon();
  for (const user of users) renamed.add(user);
}

function settleSoon() {
  if (!coming && !renamed.size) requestAnimationFrame(() => settle());
}

function settle() {
  const before = company;
  if (coming) {
    present = coming;
    company = new Company(present);
  }
  coming = null;
  const changed = new Set([...(company === before ? [] : company.changedSince(before)), ...renamed]);
  renamed.clear();
  for (const user of changed) {
    for (const element of document.querySelectorAll(`[data-who~="${user}"]`)) fill(/** @type {HTMLElement} */ (element));
  }
  onMet(present);
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
  fill(element);
}

/**
 * Let an element say something about visitors: an image in its alternative text, a button in its label, a reaction in
 * its description, anything else in its text.
 * @param {HTMLElement} element
 * @param {string} key of a text with `{user}`, and `{motif}` if the element has `data-motif`
 * @param {string} user
 */
export function tell(element, key, user) {
  element.dataset.who = user;
  element.dataset.says = key;
  fill(element);
}

/** @param {HTMLElement} element with `data-who` */
function fill(element) {
  const { who, says, motif = "" } = element.dataset;
  if (!who) return;
  if (!says) return fillOne(element, who);
  const user = who.split(" ").map(calledInText).join(", ");
  const text = t(says, { user, motif });
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
  const own = ownNameOf(user);
  const handle = own === undefined && !name ? "" : handleOf(user);
  if (name) name.textContent = own ?? handle;
  if (colour) colour.textContent = own === undefined ? user : `${handle} ${user}`;
  element.title = own === undefined ? user : `${handle} ${user}`;
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
