/** A visitor's face, of four parts that their colour decides, and the words for it. Pure. */

import { contrast, hsl } from "./colour.js";

/**
 * The parts, as templates/partials/faces.html draws them.
 * @typedef {object} Look
 * @property {string} body
 * @property {string} animal what is on top of it: ears, horns, a fin
 * @property {string} eyes
 * @property {string} mouth
 */

export const BODIES = ["bubble", "round", "square", "wavy"];
export const ANIMALS =
  "whale rabbit bear cat deer sheep snail chick unicorn dinosaur hedgehog mouse puppy cow lion shark crab rooster squid panda peacock".split(
    " ",
  );
export const EYES = ["open", "dots", "happy", "sleepy", "wink", "shades"];
export const MOUTHS = ["smile", "grin", "cat", "round", "flat", "tongue"];

/** As in the GIFs of the shelf. */
export const INKS = ["#1e2a63", "#ffffff"];

/** Below this saturation, reds to yellows have duller names. In percent. */
const DULL = 43;

/**
 * What a colour is called, by its hue: up to how many degrees, then the word when it is dark, medium, light.
 * @type {[number, string, string, string][]}
 */
const WORDS = [
  [15, "maroon", "red", "salmon"],
  [40, "brown", "orange", "apricot"],
  [68, "olive", "yellow", "lemon"],
  [100, "moss", "lime", "lime"],
  [150, "forest", "green", "light_green"],
  [185, "teal", "jade", "mint"],
  [205, "teal", "aqua", "sky"],
  [245, "navy", "blue", "light_blue"],
  [272, "indigo", "violet", "lavender"],
  [305, "purple", "purple", "lilac"],
  [345, "plum", "magenta", "pink"],
  [360, "maroon", "red", "salmon"],
];

/** @type {typeof WORDS} */
const DULL_WORDS = [
  [15, "maroon", "brick", "rose"],
  [40, "brown", "tan", "beige"],
  [68, "olive", "khaki", "beige"],
  [360, "maroon", "brick", "rose"],
];

/**
 * Colours that are hard to tell apart get different animals: those whose hues are less than 21 degrees apart, if they
 * differ in nothing else. Eyes, mouth and body follow no such rule, so that neighbours do not look like a series.
 * @param {string} colour
 * @returns {Look}
 */
export function lookOf(colour) {
  const { hue, saturation, lightness } = hsl(colour);
  const value = Number.parseInt(colour.slice(1), 16);
  const mixed = Math.imul(value ^ (value >>> 11), 0x9e3779b1) >>> 8; // the multiplier of Knuth's hash
  return {
    animal: ANIMALS[(8 * hue + 3 * saturation + 2 * lightness) % ANIMALS.length],
    eyes: EYES[mixed % EYES.length],
    mouth: MOUTHS[Math.floor(mixed / EYES.length) % MOUTHS.length],
    body: BODIES[Math.floor(mixed / (EYES.length * MOUTHS.length)) % BODIES.length],
  };
}

/**
 * @param {string} colour
 * @returns {string} the key of its name
 */
export function colourWord(colour) {
  const { hue, saturation, lightness } = hsl(colour);
  if (lightness < 12) return "black";
  if (lightness > 88) return "white";
  if (saturation < 12) return "grey";
  const dull = saturation < DULL && (hue < 68 || hue >= 345);
  const [, dark, medium, light] = (dull ? DULL_WORDS : WORDS).find(([below]) => hue < below) ?? WORDS[0];
  return lightness < 43 ? dark : lightness < 58 ? medium : light;
}

/**
 * @param {string} colour
 * @returns {string} the colour in which eyes and mouth are drawn on it
 */
export function inkOn(colour) {
  return contrast(colour, INKS[0]) >= contrast(colour, INKS[1]) ? INKS[0] : INKS[1];
}
