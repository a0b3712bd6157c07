/**
 * Gives the people who are in a room together faces and handles by which they can be told apart. Pure.
 *
 * Both depend on nothing but the colours present, so that everybody in the room sees the same.
 */

import { difference } from "./colour.js";
import { EYES, colourWord, lookOf } from "./look.js";

/**
 * @typedef {import("./look.js").Look} Look
 *
 * @typedef {object} Words a handle, as keys of texts: "(sleepy) blue whale (2)".
 * @property {string} colour
 * @property {string} animal
 * @property {string} [mood] only where two would have the same handle
 * @property {number} [number]
 *
 * @typedef {{look: Look, words: Words}} Shown
 */

/** Closer colours (CIEDE2000) are not told apart at a glance. */
export const NEAR = 5;

/** How many visitors are remembered: more than are in any room. */
const MOST_KNOWN = 5000;

/** What visitors are alone, by colour. @type {Map<string, Shown>} */
const known = new Map();

export class Company {
  /** @type {Map<string, Shown>} */
  #shown = new Map();

  /** @param {Iterable<string>} users the colours present, in any order */
  constructor(users) {
    const sorted = [...new Set(users)].sort();
    for (const alike of groups(sorted, (user) => keyOf({ ...alone(user).look, eyes: "" })).values()) {
      for (const [user, look] of distinct(alike)) {
        const usual = alone(user);
        this.#shown.set(user, look === usual.look ? usual : { look, words: usual.words });
      }
    }
    const kind = (/** @type {string} */ user) => `${alone(user).words.colour} ${alone(user).words.animal}`;
    for (const namesakes of groups(sorted, kind).values()) {
      if (namesakes.length === 1) continue;
      const taken = new Set();
      for (const user of namesakes) {
        const { look, words } = this.of(user);
        this.#shown.set(user, { look, words: { ...words, ...freeMood(look, taken) } });
      }
    }
  }

  /** @param {string} user present or not @returns {Shown} */
  of(user) {
    return this.#shown.get(user) ?? alone(user);
  }

  /**
   * @param {Company} before
   * @returns {string[]} whose face or handle is another than it was
   */
  changedSince(before) {
    const users = new Set([...this.#shown.keys(), ...before.#shown.keys()]);
    return [...users].filter((user) => !same(this.of(user), before.of(user)));
  }
}

/** @param {string} user @returns {Shown} what they are where nobody resembles them */
function alone(user) {
  const shown = known.get(user);
  if (shown) return shown;
  if (known.size >= MOST_KNOWN) known.clear();
  const look = lookOf(user);
  const fresh = { look, words: { colour: colourWord(user), animal: look.animal } };
  known.set(user, fresh);
  return fresh;
}

/** @param {Shown} one @param {Shown} other */
function same(one, other) {
  const [{ mood, number }, words] = [one.words, other.words];
  return one === other || (mood === words.mood && number === words.number && one.look.eyes === other.look.eyes);
}

/**
 * Of two whose faces are the same, in colours that nobody tells apart, one gets other eyes.
 * @param {string[]} users whose faces are the same but for the eyes
 * @returns {Map<string, Look>}
 */
function distinct(users) {
  /** @type {Map<string, Look>} */
  const looks = new Map();
  for (const user of users) {
    let { look } = alone(user);
    const near = [...looks.keys()].filter((other) => difference(user, other) < NEAR);
    const worn = new Set(near.map((other) => looks.get(other)?.eyes));
    const first = EYES.indexOf(look.eyes);
    for (let turn = 1; turn < EYES.length && worn.has(look.eyes); turn++) {
      look = { ...look, eyes: EYES[(first + turn) % EYES.length] };
    }
    looks.set(user, look);
  }
  return looks;
}

/** @param {Look} look */
export function keyOf({ body, animal, eyes, mouth }) {
  return `${body} ${animal} ${eyes} ${mouth}`;
}

/**
 * @param {string[]} users
 * @param {(user: string) => string} key
 * @returns {Map<string, string[]>}
 */
function groups(users, key) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const user of users) {
    const group = found.get(key(user));
    if (group) group.push(user);
    else found.set(key(user), [user]);
  }
  return found;
}

/**
 * @param {Look} look
 * @param {Set<string>} taken is told what is taken now
 * @returns {{mood: string, number?: number}} what one sees in the face, and in a great crowd a number
 */
function freeMood({ eyes, mouth }, taken) {
  for (let number = 1; ; number++) {
    for (const mood of [`eyes.${eyes}`, `mouth.${mouth}`]) {
      if (taken.has(`${mood} ${number}`)) continue;
      taken.add(`${mood} ${number}`);
      return number > 1 ? { mood, number } : { mood };
    }
  }
}
