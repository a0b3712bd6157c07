// The composer's models, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { commandsFor, namedForWhisper, read } from "../../static/js/room/commands.js";
import { inFence } from "../../static/js/room/fence.js";
import { Countdown, charactersIn } from "../../static/js/room/limit.js";
import { Suggestions } from "../../static/js/room/suggestions.js";

for (const [before, inside] of [
  ["", false],
  ["code:", false],
  ["```", true],
  ["see:\n```js\nlet a;", true],
  ["```\na\n```", false],
  ["```a``` and `b`", false],
  ["```\na\n```\n```", true],
]) {
  test(`the caret is ${inside ? "in" : "outside"} a block of code after ${JSON.stringify(before)}`, () => {
    assert.equal(inFence(before), inside);
  });
}

/** Offers the words that begin like the one at the end of the text. */
const words = (mark, ...all) => ({
  label: mark,
  find(before) {
    const from = before.lastIndexOf(mark);
    const begun = before.slice(from + 1);
    return from < 0 ? null : { from, items: all.filter((word) => word.startsWith(begun)).map((text) => ({ text, name: text })) };
  },
});

function suggestions() {
  const made = new Suggestions();
  made.add(words("@", "blue", "black"));
  made.add(words("/", "code"));
  return made;
}

const offered = ({ shown }) => shown?.items.map(({ text }) => text) ?? [];

test("the first source that has anything is shown, from where its word begins", () => {
  const made = suggestions();
  assert.equal(made.update("hi"), false);
  assert.equal(made.update("hi @b"), true);
  assert.deepEqual([offered(made), made.shown.from, made.shown.source.label], [["blue", "black"], 3, "@"]);
  assert.equal(made.update("hi @bl"), false);
  assert.equal(made.update("hi @blu"), true);
  assert.deepEqual(offered(made), ["blue"]);
  assert.equal(made.update("/c"), true);
  assert.deepEqual(offered(made), ["code"]);
  assert.equal(made.update(""), true);
  assert.equal(made.shown, null);
});

test("the active item goes round, and is the first again when there are others", () => {
  const made = suggestions();
  made.move(1);
  assert.equal(made.active, 0);
  made.update("@b");
  made.move(-1);
  assert.equal(made.active, 1);
  made.update("@bl");
  assert.equal(made.active, 1);
  made.move(1);
  assert.equal(made.active, 0);
  made.move(1);
  made.update("@bla");
  assert.equal(made.active, 0);
});

test("what was dismissed stays so until another word is written", () => {
  const made = suggestions();
  made.update("@b");
  made.dismiss();
  assert.deepEqual(offered(made), []);
  assert.equal(made.update("@bl"), false);
  made.update("@bl @b");
  assert.deepEqual(offered(made), ["blue", "black"]);
  made.dismiss();
  made.update("");
  made.update("@b");
  assert.deepEqual(offered(made), ["blue", "black"]);
});

test("nothing is offered in a block of code", () => {
  const made = suggestions();
  made.update("```\n@b");
  assert.deepEqual(offered(made), []);
  made.update("```\n@b\n``` @b");
  assert.deepEqual(offered(made), ["blue", "black"]);
});

const PRESENT = ["#a1b2c3", "#00ff00"];
const READ = [
  ["hello", { chat: "hello" }],
  ["/me waves", { chat: "* waves" }],
  ["/ME  waves\ntwice", { chat: "* waves\ntwice" }],
  ["/ㅡㄷ 손을 흔든다", { chat: "* 손을 흔든다" }],
  ["/me", { problem: "nothing" }],
  ["/code", { code: "" }],
  ["/code print(1)\nprint(2)", { code: "print(1)\nprint(2)" }],
  ["/챙ㄷ", { code: "" }],
  ["/help me", { help: true }],
  ["/shrug", { problem: "unknown", command: "shrug" }],
  ["/shrug it off", { problem: "unknown", command: "shrug" }],
  ["/w 00 hi", { to: "#00ff00", chat: "hi" }],
  ["/ㅈ 00 hi", { to: "#00ff00", chat: "hi" }],
  ["/w ff hi", { problem: "nobody" }],
  // Texts that begin with a slash.
  ["//shrug", { chat: "/shrug" }],
  ["//w 00 hi", { chat: "/w 00 hi" }],
  [" /shrug", { chat: "/shrug" }],
  ["\n/me", { chat: "/me" }],
  [" /w ff hi", { chat: "/w ff hi" }],
  ["// a comment", { chat: "// a comment" }],
  ["/* a comment */", { chat: "/* a comment */" }],
  ["/usr/bin/env", { chat: "/usr/bin/env" }],
  ["/2", { chat: "/2" }],
  ["/", { chat: "/" }],
  ["either/or", { chat: "either/or" }],
  // Who begins a whisper with a space does not mean everybody.
  [" /w 00 hi", { to: "#00ff00", chat: "hi" }],
];

for (const [written, reading] of READ) {
  test(`reads ${JSON.stringify(written)}`, () => assert.deepEqual(read(written, PRESENT), reading));
}

test("commands are offered while their name is being written", () => {
  const offered = (before) => commandsFor(before).map(({ name }) => name);
  assert.deepEqual(offered("/"), ["w", "me", "code", "help"]);
  assert.deepEqual(offered("/H"), ["help"]);
  assert.deepEqual(offered("/ㅈ"), ["w"]);
  for (const before of ["", "a/", "//", " /", "/w ", "/x"]) assert.deepEqual(offered(before), [], before);
  assert.equal(namedForWhisper("/w Blue wh"), "blue wh");
  assert.equal(namedForWhisper("/ㅈ "), "");
  for (const before of ["/w", "/wow ", "a /w b"]) assert.equal(namedForWhisper(before), null, before);
});

test("what is left is shown near the limit, and announced at few steps", () => {
  const countdown = new Countdown();
  const told = [1, 1799, 1800, 1801, 1899, 1900, 1999, 2000, 2001, 2002, 2000, 1999, 1000, 1999].map((characters) => {
    const { left, tell } = countdown.take(characters);
    return `${left}${tell ? "!" : ""}`;
  });
  const shown = ["null", "null", "200!", "199", "101", "100!", "1!", "0!", "-1!", "-2", "0!", "1", "null", "1!"];
  assert.deepEqual(told, shown);
});

test("a character outside the Basic Multilingual Plane counts once", () => {
  assert.equal(charactersIn("👍".repeat(1000)), 1000);
});
