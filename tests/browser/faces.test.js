// The faces and handles of visitors, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { contrast, deltaE2000, difference, hsl } from "../../static/js/faces/colour.js";
import { Company, NEAR, keyOf } from "../../static/js/faces/company.js";
import { ANIMALS, BODIES, EYES, INKS, MOUTHS, colourWord, inkOn, lookOf } from "../../static/js/faces/look.js";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const CLASS = 30;
const CLASSES = 200;

/** Pseudorandom numbers below 1, the same in every run (the constants of Numerical Recipes). */
function* numbers(seed) {
  for (let state = seed; ; yield state / 2 ** 32) state = (Math.imul(1664525, state) + 1013904223) >>> 0;
}

const random = numbers(20240304);
const choose = (/** @type {any[]} */ all) => all[Math.floor(random.next().value * all.length)];

/** A colour as colorhash makes them: 359 hues, three saturations, three lightnesses. */
function anyColour() {
  const [hue, saturation, lightness] = [Math.floor(random.next().value * 359), choose([0.35, 0.5, 0.65]), choose([0.35, 0.5, 0.65])];
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (/** @type {number} */ n) => {
    const k = (n + hue / 30) % 12;
    const value = lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** @param {number} size */
function crowd(size) {
  const colours = new Set();
  while (colours.size < size) colours.add(anyColour());
  return [...colours];
}

const COLOURS = crowd(1000);

// L*, a*, b* of two colours and their difference: Sharma, Wu and Dalal (2005), table 1.
const SHARMA = `
50 2.6772 -79.7751 50 0 -82.7485 2.0425
50 3.1571 -77.2803 50 0 -82.7485 2.8615
50 2.8361 -74.0200 50 0 -82.7485 3.4412
50 -1.3802 -84.2814 50 0 -82.7485 1.0000
50 -1.1848 -84.8006 50 0 -82.7485 1.0000
50 -0.9009 -85.5211 50 0 -82.7485 1.0000
50 0 0 50 -1 2 2.3669
50 -1 2 50 0 0 2.3669
50 2.4900 -0.0010 50 -2.4900 0.0009 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0010 7.1792
50 2.4900 -0.0010 50 -2.4900 0.0011 7.2195
50 2.4900 -0.0010 50 -2.4900 0.0012 7.2195
50 -0.0010 2.4900 50 0.0009 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0010 -2.4900 4.8045
50 -0.0010 2.4900 50 0.0011 -2.4900 4.7461
50 2.5 0 50 0 -2.5 4.3065
50 2.5 0 73 25 -18 27.1492
50 2.5 0 61 -5 29 22.8977
50 2.5 0 56 -27 -3 31.9030
50 2.5 0 58 24 15 19.4535
50 2.5 0 50 3.1736 0.5854 1.0000
50 2.5 0 50 3.2972 0 1.0000
50 2.5 0 50 1.8634 0.5757 1.0000
50 2.5 0 50 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082`;

test("CIEDE2000 gives the published differences", () => {
  const pairs = SHARMA.trim().split("\n").map((line) => line.split(" ").map(Number));
  assert.equal(pairs.length, 34);
  for (const pair of pairs) {
    const [one, other, published] = [pair.slice(0, 3), pair.slice(3, 6), pair[6]];
    assert.equal(deltaE2000(one, other).toFixed(4), published.toFixed(4), String(pair));
    assert.equal(deltaE2000(other, one).toFixed(4), published.toFixed(4), String(pair));
  }
});

test("colours are read as hue, saturation and lightness", () => {
  assert.deepEqual(hsl("#000000"), { hue: 0, saturation: 0, lightness: 0 });
  assert.deepEqual(hsl("#ffffff"), { hue: 0, saturation: 0, lightness: 100 });
  assert.deepEqual(hsl("#ff0001"), { hue: 0, saturation: 100, lightness: 50 });
  assert.deepEqual(hsl("#4066bf"), { hue: 222, saturation: 50, lightness: 50 });
  assert.equal(contrast("#000000", "#ffffff"), 21);
  assert.equal(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

test("there are more than 300 faces, all drawn differently", () => {
  const drawn = new Map();
  const markup = read("templates/partials/faces.html");
  for (const [, id, drawing] of markup.matchAll(/<g id="face-([a-z-]+)"(.*)<\/g>$/gm)) drawn.set(id, drawing);
  const kinds = { body: BODIES, animal: ANIMALS, eyes: EYES, mouth: MOUTHS };
  for (const [kind, names] of Object.entries(kinds)) {
    const drawings = names.map((name) => `${drawn.get(`${kind}-${name}`) ?? ""}${drawn.get(`over-${name}`) ?? ""}`);
    assert.equal(new Set(drawings).size, names.length, kind);
    assert.ok(drawings.every((drawing) => drawing.length > 30), kind);
  }
  const faces = Object.values(kinds).reduce((product, names) => product * names.length, 1);
  assert.equal(faces, 3024);
  assert.ok(new Set(COLOURS.map((colour) => keyOf(lookOf(colour)))).size >= 300, "and visitors' colours use them");
});

test("of hundreds of classes, in none two have the same handle, or the same face in colours that are near", () => {
  let near = 0;
  let moods = 0;
  for (let number = 0; number < CLASSES; number++) {
    const users = crowd(CLASS);
    const company = new Company(users);
    const handles = users.map((user) => JSON.stringify(company.of(user).words));
    assert.equal(new Set(handles).size, CLASS);
    moods += users.filter((user) => company.of(user).words.mood).length;
    for (const [index, one] of users.entries()) {
      for (const other of users.slice(0, index)) {
        if (difference(one, other) >= NEAR) continue;
        near++;
        assert.notEqual(keyOf(company.of(one).look), keyOf(company.of(other).look), `${one} ${other}`);
      }
    }
  }
  assert.ok(near > CLASSES, "the classes have colours that nobody tells apart");
  assert.ok(moods < 2 * CLASSES, "few need more than a colour and an animal");
});

test("faces and handles depend on who is there and on nothing else", () => {
  const users = crowd(CLASS);
  const [one, other] = [new Company(users), new Company([...users].reverse())];
  assert.deepEqual(one.changedSince(other), []);
  for (const user of users) assert.deepEqual(one.of(user), other.of(user));
});

/** Two near colours that ask for the same face. */
function twins() {
  const first = COLOURS.find((colour) => hsl(colour).lightness > 40 && hsl(colour).saturation > 45) ?? "";
  const face = keyOf(lookOf(first));
  for (let value = 0; value < 2 ** 15; value++) {
    const channels = [1, 3, 5].map((at, index) => {
      const near = Number.parseInt(first.slice(at, at + 2), 16) + ((value >> (5 * index)) & 31) - 16;
      return Math.max(0, Math.min(255, near)).toString(16).padStart(2, "0");
    });
    const colour = `#${channels.join("")}`;
    if (colour !== first && keyOf(lookOf(colour)) === face && difference(colour, first) < NEAR) return [first, colour].sort();
  }
  throw new Error("none found");
}

test("who would have the same face in a near colour gets other eyes, and their own back when the other has gone", () => {
  const [one, other] = twins();
  const company = new Company([one, other]);
  assert.deepEqual(company.of(one).look, lookOf(one));
  assert.notEqual(company.of(other).look.eyes, lookOf(other).eyes);
  const after = new Company([other]);
  assert.deepEqual(after.of(other).look, lookOf(other));
  assert.ok(after.changedSince(company).includes(other));
});

test("who would have the same handle is told apart by what one sees in the face, and in a great crowd by a number", () => {
  const whole = crowd(3000);
  const kinds = new Map();
  for (const user of whole) {
    const kind = `${colourWord(user)} ${lookOf(user).animal}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), user]);
  }
  const [one, other] = [...kinds.values()].find((group) => group.length > 1);
  const company = new Company([one, other]);
  const moods = [one, other].map((user) => company.of(user).words.mood);
  assert.notEqual(moods[0], moods[1]);
  for (const [index, user] of [one, other].entries()) {
    const { eyes, mouth } = company.of(user).look;
    assert.ok([`eyes.${eyes}`, `mouth.${mouth}`].includes(moods[index] ?? ""));
  }
  assert.equal(new Company([one]).of(one).words.mood, undefined);
  assert.deepEqual(new Set(company.changedSince(new Company([one]))), new Set([one, other]));

  const all = new Company(whole);
  assert.equal(new Set(whole.map((user) => JSON.stringify(all.of(user).words))).size, whole.length);
});

for (const lang of ["ko", "en"]) {
  test(`every handle has its words, and no two words are the same: ${lang}`, () => {
    const texts = JSON.parse(read(`templates/texts/${lang}.json`));
    const words = (/** @type {string} */ kind, /** @type {string[]} */ names) => names.map((name) => texts[`js.who.${kind}.${name}`]);
    const moods = [...words("eyes", EYES), ...words("mouth", MOUTHS)];
    const extremes = ["#000000", "#ffffff", "#808080"].map((colour) => colourWord(colour));
    const colours = [...new Set([...crowd(2000).map((colour) => colourWord(colour)), ...extremes])];
    for (const known of [words("animal", ANIMALS), moods, words("colour", colours)]) {
      assert.ok(known.every(Boolean), known.join());
      assert.equal(new Set(known).size, known.length, known.join());
    }
  });
}

test("a face stands out from every ground of both themes, and its features from a thousand colours", () => {
  const tokens = read("static/css/tokens.css");
  for (const theme of ["light", "dark"]) {
    const token = (/** @type {string} */ name) =>
      new RegExp(`--${name}: .*var\\(--${theme}, (#[0-9a-f]{6})\\)`).exec(tokens)?.[1] ?? "";
    for (const ground of ["ground", "surface", "surface-quiet", "own", "whisper"]) {
      assert.ok(contrast(token("face-line"), token(ground)) >= 3, ground);
    }
  }
  assert.equal(COLOURS.length, 1000);
  for (const colour of COLOURS) {
    assert.ok(INKS.includes(inkOn(colour)));
    assert.ok(contrast(inkOn(colour), colour) >= 3, colour);
  }
});
