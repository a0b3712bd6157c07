// The composer's models, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { inFence } from "../../static/js/room/fence.js";
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
