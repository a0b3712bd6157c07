// Who is mentioned, and whom one is about to mention, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { begunMention, meantBy } from "../../static/js/room/mention_query.js";
import { Mentions } from "../../static/js/room/mentions.js";

/** @type {[string, string][]} */
const PEOPLE = [
  ["#0000a1", "파란 고래"],
  ["#0000a2", "파란 고래상어"],
  ["#0000a3", "Blue whale"],
  ["#0000a4", "민수"],
  ["#0000a5", "민"],
  ["#0000a6", "Blue whale 2"],
];
const mentions = new Mentions(PEOPLE);

/** @param {string} text */
const found = (text) => mentions.find(text).map(({ start, end, user }) => `${text.slice(start, end)}=${user.slice(-2)}`);

for (const [text, ...expected] of [
  ["@파란 고래 안녕", "@파란 고래=a1"],
  ["@파란고래야, @민수도 와", "@파란고래=a1", "@민수=a4"],
  ["그럼 @파란 고래상어님이", "@파란 고래상어=a2"],
  ["@민아 @민수아", "@민=a5", "@민수=a4"],
  ["ㅋㅋ@민", "@민=a5"],
  ["@blue WHALE, @bluewhale!", "@blue WHALE=a3", "@bluewhale=a3"],
  ["@Blue whales @Blue whale 2 @Blue whale 23", "@Blue whale 2=a6", "@Blue whale=a3"],
  ["@#0000A9 @#0000a10 (@#0000a1)", "@#0000A9=a9", "@#0000a1=a1"],
  ["min@민수 a.b@파란 고래 @@민 @ 민 @파란  고래 @파란\n고래", "@민=a5"],
  ["@여우 @ @"],
]) {
  test(`in ${JSON.stringify(text)}, ${expected.length} are mentioned`, () => assert.deepEqual(found(text), expected));
}

test("a mention within code is none", () => {
  assert.ok(mentions.has("`x` @민수", "#0000a4"));
  assert.ok(!mentions.has("`@민수` ```\n@민수\n```", "#0000a4"));
  assert.ok(!mentions.has("민수", "#0000a4"));
});

test("a colour is written where a name would mean somebody else", () => {
  const people = new Mentions([["#0000a1", "여우"], ["#0000a2", "여 우"]]);
  assert.equal(people.write("#0000a1", "여우"), "@여우");
  assert.equal(people.write("#0000a2", "여 우"), "@#0000a2");
});

test("a text full of marks is searched in linear time", () => {
  const people = new Mentions(Array.from({ length: 1000 }, (_, at) => [`#${at}`, `@@@@@@ ${at}`]));
  const began = process.cpuUsage().user;
  assert.deepEqual(people.find("@".repeat(2000)), []);
  assert.ok(process.cpuUsage().user - began < 500_000);
});

for (const [before, expected] of [
  ["@", [0, ""]],
  ["안녕 @파란 고", [3, "파란 고"]],
  ["ㅋㅋ@ㅍ", [2, "ㅍ"]],
  ["@민수 @ㅁ", [4, "ㅁ"]],
  [`${"말".repeat(50)}@민`, [50, "민"]],
  ["a@b", null],
  ["@ 민", null],
  ["@민\n", null],
  [`@${"말".repeat(31)}`, null],
  ["안녕", null],
]) {
  test(`${JSON.stringify(before)} ends with ${expected ? "a" : "no"} mention`, () => {
    const begun = begunMention(/** @type {string} */ (before));
    assert.deepEqual(begun && [begun.from, begun.named], expected);
  });
}

const persons = PEOPLE.map(([user, name]) => ({ user, name }));
for (const [named, ...expected] of [
  ["", "파란 고래", "파란 고래상어", "Blue whale", "민수", "민", "Blue whale 2"],
  ["파란고", "파란 고래", "파란 고래상어"],
  ["파란 골", "파란 고래", "파란 고래상어"], // on the way to 고래, as an input method shows it
  ["ㅍㄹ", "파란 고래", "파란 고래상어"],
  ["고래상", "파란 고래상어"],
  ["민", "민", "민수"],
  ["민 "],
  ["Whale", "Blue whale", "Blue whale 2"],
  ["blue ", "Blue whale", "Blue whale 2"],
  ["blue whale "],
  ["0000a4", "민수"],
  ["#0000a4", "민수"],
  ["파란 고래 안녕"],
]) {
  test(`${JSON.stringify(named)} may mean ${expected.length} people`, () => {
    assert.deepEqual(meantBy(persons, named).map(({ name }) => name), expected);
  });
}
