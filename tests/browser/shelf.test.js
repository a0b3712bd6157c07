// Finding a GIF of the shelf by typing. Run by test_models.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { find } from "../../static/js/room/shelf/catalogue.js";
import { tidy, wordRank } from "../../static/js/choseong.js";

const SHELF = JSON.parse(readFileSync(new URL("../../static/shelf/shelf.json", import.meta.url), "utf8"));

/** The text in the field at each keystroke while a word is typed. */
const TYPED = [
  ["축하", ["ㅊ", "추", "축", "축ㅎ", "축하"]],
  ["추카", ["ㅊ", "추", "춬", "추카"]],
  ["일기", ["ㅇ", "이", "일", "읽", "일기"]], // ㄺ is ㄹ and the next syllable's ㄱ
  ["화이팅", ["ㅎ", "호", "화", "황", "화이", "화잍", "화이티", "화이팅"]], // ㅘ begins as ㅗ
  ["뭐", ["ㅁ", "무", "뭐"]],
  ["괜찮아", ["ㄱ", "고", "괘", "괜", "괜ㅊ", "괜차", "괜찬", "괜찮", "괜찮ㅇ", "괜찮아"]],
];

for (const [word, states] of TYPED) {
  test(`${word} is found at every keystroke while it is typed`, () => {
    for (const state of states) assert.notEqual(wordRank(tidy(state), word), null, state);
  });
}

const BY_INITIALS = [
  ["ㅊㅋ", "추카", 1],
  ["ㅊㅎ", "축하", 1],
  ["ㅊㅋ", "축하", null],
  ["ㅊㅋ", "축하추카", 2],
  ["축ㅎ", "축하", 1],
  ["ㅊ하", "축하", 1],
  ["추ㅎ", "축하", 1],
  ["ㅎㅌ", "하트", 1],
  ["ㅇㅌ", "화이팅", 2],
  ["ㅃㅃ", "빠빠", 1],
  ["ㅂㅂ", "빠빠", 1], // a plain consonant finds the doubled one
  ["ㅃㅃ", "바바", null],
  ["ㄲ", "고고", 1], // one doubled consonant stands for two plain ones
  ["ㄲ", "까꿍", 1],
  ["ㄲ", "고마워", null],
  ["ㄳ", "감사", 1], // what a keyboard makes of ㄱㅅ
  ["ㅄ", "박수", 1],
  ["ㅋㅋ", "ㅋㅋ", 0],
  ["ㅋㅋ", "크크", 1],
  ["ㅠㅠ", "ㅠㅠ", 0],
  ["ㅠ", "ㅠㅠ", 1],
  ["ㅜ", "추카", null], // a vowel alone does not begin a syllable
  ["축하", "축하", 0],
  ["하", "축하", 2],
  ["축", "추카", null],
  ["he", "hello", 1],
  ["hello", "hello", 0],
  ["llo", "hello", null], // matches within a word are for Korean only, where each syllable has a meaning
  ["hellow", "hello", null],
];

for (const [typed, word, rank] of BY_INITIALS) {
  test(`${typed} ${rank === null ? "is not" : "is"} found in ${word}`, () => assert.equal(wordRank(tidy(typed), word), rank));
}

test("a query is composed, lower-cased and stripped of spaces and repetitions", () => {
  assert.equal(tidy(" 축하 해 ".normalize("NFD")), "축하해");
  assert.equal(tidy("Thumbs Up"), "thumbsup");
  assert.equal(tidy("ㄳ"), "ㄱㅅ");
  assert.equal(tidy("ㅋㅋㅋㅋㅋ"), "ㅋㅋ");
  assert.equal(tidy(" \n"), "");
});

/** The first result, in both languages, for what pupils type. */
const MEANT = {
  congratulations: ["ㅊㅋ", "ㅊㅎ", "축하", "축ㅎ", "추카", "춬", "congrat", "CONGRATS"],
  hello: ["안녕", "ㅎㅇ", "hi", "hello"],
  bye: ["잘 가", "ㅂㅇ", "bye"],
  thanks: ["ㄱㅅ", "ㄳ", "감사", "고마", "ㄱㅁㅇ", "thank you"],
  sorry: ["ㅈㅅ", "ㅁㅇ", "미안", "sorry"],
  laugh: ["ㅋㅋ", "ㅎㅎ", "ㅋㅋㅋ", "lol", "haha"],
  cry: ["ㅠㅠ", "ㅜㅜ", "ㅠ", "눈물", "sad"],
  ok: ["ㅇㅋ", "오케이", "ok", "yes"],
  no: ["ㄴㄴ", "아니", "no"],
  clap: ["ㅉㅉ", "박수", "clap"],
  "thumbs-up": ["최고", "따봉", "thumbs up"],
  cheer: ["ㅎㅇㅌ", "ㅍㅇㅌ", "화이팅", "화이티", "fighting"],
  love: ["ㅎㅌ", "하트", "ㅅㄹㅎ", "love"],
  lunch: ["밥", "ㅂㄱㅍ", "배고", "lunch", "hungry"],
  homework: ["과제", "숙제", "homework"],
  rain: ["비", "우산", "rain"],
  hurry: ["ㅃㄹ", "ㄱㄱ", "빨리", "hurry"],
  wait: ["ㄱㄷ", "잠깐", "wait"],
  party: ["파티", "party"],
  speechless: ["멘붕", "ㅁㅂ"],
};

for (const [name, typed] of Object.entries(MEANT)) {
  test(`${typed.join(", ")}: ${name} is found first`, () => {
    for (const text of typed) assert.equal(find(SHELF, text)[0]?.name, `${name}.gif`, text);
  });
}

test("an empty query finds everything in order, and nonsense finds nothing", () => {
  assert.deepEqual(find(SHELF, " "), SHELF);
  assert.deepEqual(find(SHELF, "qwerty"), []);
  assert.deepEqual(find(SHELF, "뷁"), []);
  assert.deepEqual(find(SHELF, "hello qwerty"), []);
});

test("all words of a query must match the same GIF", () => {
  assert.deepEqual(
    find(SHELF, "birthday cele").map(({ name }) => name),
    ["congratulations.gif", "party.gif"],
  );
});
