// Finding a room by typing. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { isMatch } from "../../static/js/lobby/matching.js";

const ROOM = ["3학년 2반 과학 실험: Group Work 12", "파란 고래", "#2b57cf"];

for (const [typed, does] of /** @type {[string, boolean][]} */ ([
  ["ㄱㅎ", true],
  ["ㄱㅎㅅㅎ", true], // without the space between the words
  ["과학 ㅅㅎ", true],
  ["실험 과학", true],
  ["과하", true], // on the way to 과학
  ["ㅎㅅ", true], // within a Korean word, each syllable has a meaning
  ["학년", true],
  ["2반", true],
  ["WORK group", true],
  ["roup", true],
  ["groupwork", true],
  ["ㅍㄹㄱㄹ", true],
  ["고래", true],
  ["#2B57", true],
  ["과학".normalize("NFD"), true],
  ["과학 수학", false],
  ["ㅅㅎㄱㅎ", false],
  ["3반", false],
  ["고래 파도", false],
])) {
  test(`${typed} ${does ? "finds" : "does not find"} the room`, () => assert.equal(isMatch(typed, ROOM), does));
}

test("runs of one letter are as long as anybody types them", () => {
  assert.ok(isMatch("ㅋㅋㅋ", ["ㅋㅋㅋㅋㅋ 방"]));
  assert.ok(isMatch("ㅋㅋㅋㅋㅋㅋㅋ", ["ㅋㅋㅋ 방"]));
  assert.ok(isMatch("hmmmm", ["hmmm"]));
});

test("a thousand long titles are searched while one types", () => {
  const rooms = Array.from({ length: 1000 }, (_, number) => [`${number} ${"가나다라마 ".repeat(9)}`, "파란 고래"]);
  const began = performance.now();
  assert.equal(rooms.filter((texts) => isMatch("ㄱㄴㄷㄹㅂ", texts)).length, 0);
  assert.ok(performance.now() - began < 2000);
});
