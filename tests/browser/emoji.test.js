// The picker of all emoji: search, skin tones, arrow keys, and what is remembered. Run by test_models.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { findEmoji, parse, TONES, toned } from "../../static/js/room/emoji/catalogue.js";
import { moved } from "../../static/js/room/emoji/grid_keys.js";
import { EmojiUses } from "../../static/js/room/emoji_uses.js";

const file = (lang) => parse(JSON.parse(readFileSync(new URL(`../../static/emoji/${lang}.json`, import.meta.url), "utf8")));

const [ko, en] = ["ko", "en"].map(file);
const inEnglish = new Map(en.flat().map((one) => [one.emoji, one]));

test("both languages have the same emoji, in groups, each with a name", () => {
  const texts = (groups) => groups.map((group) => group.map(({ emoji, tones }) => emoji + tones));
  assert.deepEqual(texts(ko), texts(en));
  assert.equal(ko.length, 9);
  assert.ok(ko.flat().length > 1900);
  for (const one of [...ko.flat(), ...en.flat()]) assert.ok(one.label && one.words.length && one.version > 0, one.emoji);
});

const FOUND = [
  ["하트", "❤️"],
  ["빨간 하트", "❤️"],
  ["빨간색하트", "❤️"],
  ["고양이", "🐱"],
  ["축하", "🎉"],
  ["대한민국", "🇰🇷"],
  ["red heart", "❤️"],
  ["Thumbs UP", "👍"],
  ["👍🏽", "👍"],
  ["❤", "❤️"],
];

for (const [query, emoji] of FOUND) {
  test(`a search for ${query} on a Korean page finds ${emoji} among the first`, () => {
    const first = findEmoji(ko.flat(), query, inEnglish).slice(0, 12);
    assert.ok(first.some((one) => one.emoji === emoji), first.map((one) => one.emoji).join(" "));
  });
}

test("a search finds nothing for nothing, and needs all of its words", () => {
  for (const query of ["", "  ", "heart qqq", "ㅁㄴㅇㄹ"]) assert.deepEqual(findEmoji(ko.flat(), query, inEnglish), []);
  assert.deepEqual(findEmoji(ko.flat(), "heart"), []); // English is not loaded yet
});

const TONED = [
  ["👍", "👍🏽"],
  ["✌️", "✌🏽"],
  ["🧑‍🚀", "🧑🏽‍🚀"],
  ["🕵️‍♂️", "🕵🏽‍♂️"],
  ["👩‍❤️‍👨", "👩🏽‍❤️‍👨🏽"],
];

for (const [emoji, expected] of TONED) {
  test(`${emoji} in a skin tone`, () => {
    assert.equal(toned(emoji, TONES[2]), expected);
    assert.equal(toned(emoji, ""), emoji);
  });
}

// Groups of 5, none, and 7 emoji in 3 columns: a b c | d e — then 1 2 3 | 4 5 6 | 7.
const SIZES = [5, 0, 7];
const MOVES = [
  ["ArrowRight", [0, 4], [2, 0]],
  ["ArrowLeft", [2, 0], [0, 4]],
  ["ArrowLeft", [0, 0], null],
  ["ArrowRight", [2, 6], null],
  ["ArrowDown", [0, 0], [0, 3]],
  ["ArrowDown", [0, 2], [0, 4]],
  ["ArrowDown", [0, 4], [2, 1]],
  ["ArrowDown", [2, 6], null],
  ["ArrowUp", [2, 2], [0, 4]],
  ["ArrowUp", [2, 0], [0, 3]],
  ["ArrowUp", [2, 4], [2, 1]],
  ["ArrowUp", [0, 1], "out"],
  ["Home", [2, 5], [2, 3]],
  ["End", [2, 3], [2, 5]],
  ["End", [2, 6], [2, 6]],
  ["Ctrl+Home", [2, 5], [0, 0]],
  ["Ctrl+End", [0, 1], [2, 6]],
  ["Tab", [0, 1], null],
];

for (const [keys, [group, index], expected] of MOVES) {
  test(`${keys} on emoji ${index} of group ${group}`, () => {
    const to = moved(SIZES, 3, { group, index }, { key: keys.replace("Ctrl+", ""), ctrlKey: keys.startsWith("Ctrl") });
    assert.deepEqual(to && to !== "out" ? [to.group, to.index] : to, expected);
  });
}

const FIRST = ["👍", "❤️", "😂"];

test("at hand are what the reader uses most, then the first ones", () => {
  const kept = new Map();
  const uses = () => new EmojiUses({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) }, FIRST);
  assert.deepEqual(uses().atHand, FIRST);
  uses().add("🐱");
  assert.deepEqual(uses().atHand, FIRST); // once may have been by chance
  uses().add("🐱");
  uses().add("❤️");
  assert.deepEqual(uses().atHand, ["🐱", "👍", "❤️"]);
  for (let count = 0; count < 3; count++) uses().add("❤️");
  assert.deepEqual(uses().atHand, ["❤️", "🐱", "👍"]);
  assert.deepEqual(uses().recent, ["❤️", "🐱"]);
  uses().tone = "🏽";
  uses().add("🎉");
  assert.deepEqual([uses().tone, uses().recent[0]], ["🏽", "🎉"]);
  for (let count = 0; count < 100; count++) uses().add(`${count}`);
  assert.equal(uses().recent.length, 16);
  assert.deepEqual(uses().atHand, FIRST); // tastes have changed
});

for (const content of ["", "{", "null", "[]", '{"used":5,"tone":[]}', '{"used":[1,null]}']) {
  test(`what the browser keeps may be anything: ${content}`, () => {
    const uses = new EmojiUses({ getItem: () => content, setItem() { throw new Error("full"); } }, FIRST);
    uses.add("🐱");
    assert.deepEqual([uses.atHand, uses.recent, uses.tone], [FIRST, [], ""]);
  });
}

test("without a store nothing is remembered", () => {
  const uses = new EmojiUses(null, FIRST);
  uses.add("🐱");
  assert.deepEqual(uses.recent, []);
});
