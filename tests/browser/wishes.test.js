// What a visitor changes in records, from the press to the record's new state. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { opensMenu } from "../../static/js/room/menu_keys.js";
import { placed } from "../../static/js/room/placed.js";
import { given, wished } from "../../static/js/room/reactions.js";

// The page's texts are in the page, and there is no page here.
globalThis.document = { documentElement: { lang: "ko" }, getElementById: () => null };
const { Changes } = await import("../../static/js/room/changes.js");

const THUMB = { emoji: "👍", count: 2, users: ["#1", "#2"], mine: true };
const PARTY = { emoji: "🎉", count: 1, users: ["#2"], mine: false };

// Of reader #1, over THUMB and PARTY as the server knows them.
const REACTIONS = [
  ["a new one is added at the end", [{ emoji: "😂", on: true }], ["👍 2 +", "🎉 1 -", "😂 1 + (-)"]],
  ["one more joins those who gave it", [{ emoji: "🎉", on: true }], ["👍 2 +", "🎉 2 + (-)"]],
  ["one's own is taken back", [{ emoji: "👍", on: false }], ["👍 1 - (+)", "🎉 1 -"]],
  ["what is so already changes nothing", [{ emoji: "👍", on: true }, { emoji: "😮", on: false }], ["👍 2 +", "🎉 1 -"]],
  ["of a new one taken back nothing is left", [{ emoji: "😂", on: true }, { emoji: "😂", on: false }], ["👍 2 +", "🎉 1 -"]],
];

const sign = (on) => (on ? "+" : "-");

for (const [what, wishes, expected] of REACTIONS) {
  test(`a reaction is shown before the server has it: ${what}`, () => {
    const shown = wished([THUMB, PARTY], wishes, "#1").map(({ emoji, count, mine, was }) => {
      return `${emoji} ${count} ${sign(mine)}${was === undefined ? "" : ` (${sign(was)})`}`;
    });
    assert.deepEqual(shown, expected);
    assert.deepEqual([THUMB.count, THUMB.mine, PARTY.count], [2, true, 1]);
  });
}

test("of many who gave one emoji, those who are named change with the reader's wish", () => {
  const [shown] = wished(given({ reactions: { "👍": { count: 60, users: ["#8"] } } }, "#1"), [{ emoji: "👍", on: true }], "#1");
  assert.deepEqual([shown.count, shown.users], [61, ["#8", "#1"]]);
});

/** A page's changes over a link that answers when told to. `shown` lists what is wished of record "a". */
function changing() {
  const asked = [];
  const refused = [];
  const fulfilled = [];
  const link = {
    joined: true,
    ask: (event, argument) => new Promise((answer) => asked.push({ event, argument, answer })),
  };
  const changes = new Changes("r", link, {
    onChanged: (_id, wish) => wish && fulfilled.push(wish.kind),
    onRefused: (trouble) => refused.push(trouble),
  });
  return {
    changes,
    link,
    asked,
    refused,
    fulfilled,
    shown: () => changes.of("a").map(({ kind, state }) => `${kind} ${state}`),
    async answer(answer) {
      asked.shift().answer(answer);
      await null;
      await null;
    },
  };
}

const told = (rev, more = {}) => ({ _id: "a", seq: 7, rev, chat: "old", ...more });

test("a change is over when both its answer and the record's new state have come, in either order", async () => {
  const page = changing();
  page.changes.edit("a", "new");
  assert.deepEqual(page.asked[0].argument, { room: "r", _id: "a", chat: "new", emoji: undefined, on: undefined });
  assert.deepEqual(page.shown(), ["edit asked"]);
  page.changes.told(told(8)); // somebody's reaction
  assert.deepEqual(page.shown(), ["edit asked"]);
  await page.answer({ ok: true, rev: 9 });
  assert.deepEqual([page.shown(), page.changes.pending], [["edit done"], false]);
  page.changes.told(told(9));
  assert.deepEqual([page.shown(), page.fulfilled], [[], ["edit"]]);

  page.changes.react("a", "👍", true);
  page.changes.told(told(12));
  await page.answer({ ok: true, rev: 11 });
  assert.deepEqual([page.shown(), page.fulfilled], [[], ["edit", "react"]]);
});

test("the latest press counts, whatever the answer to an earlier one", async () => {
  const page = changing();
  page.changes.react("a", "👍", true);
  page.changes.react("a", "👍", false);
  assert.deepEqual(page.asked.map(({ argument }) => argument.on), [true, false]);
  await page.answer({ ok: false, error: "too_fast", message: "천천히" });
  assert.deepEqual([page.shown(), page.refused], [["react asked"], []]);
  await page.answer({ ok: true, rev: 5 });
  assert.deepEqual(page.shown(), ["react done"]);
});

test("a refused reaction is taken back with a word; a refused edit stays, to be tried again or given up", async () => {
  const page = changing();
  page.changes.react("a", "👍", true);
  await page.answer({ ok: false, error: "too_fast", message: "천천히" });
  assert.deepEqual([page.shown(), page.refused.length], [[], 1]);
  page.changes.edit("a", "new");
  await page.answer({ ok: false, error: "too_fast", message: "천천히" });
  assert.deepEqual([page.shown(), page.changes.of("a")[0].trouble], [["edit failed"], "천천히"]);
  assert.deepEqual(page.changes.texts, ["new"]);
  page.changes.joined(); // the server has answered: it is not asked again by itself
  assert.equal(page.asked.length, 0);
  page.changes.retry("a");
  assert.deepEqual(page.shown(), ["edit asked"]);
  await page.answer({ ok: false, error: "too_fast", message: "천천히" });
  page.changes.discard("a");
  assert.deepEqual([page.shown(), page.changes.pending], [[], false]);
});

test("without a network a change waits, and is asked once there is one; a reaction taken back is not", async () => {
  const page = changing();
  page.link.joined = false;
  page.changes.delete("a");
  page.changes.react("a", "👍", true);
  page.changes.react("a", "👍", false);
  page.changes.react("a", "🎉", true);
  assert.deepEqual([page.shown(), page.asked.length], [["delete waiting", "react waiting"], 0]);
  page.link.joined = true;
  page.changes.joined();
  assert.deepEqual(page.asked.map(({ event }) => event), ["delete", "react"]);
});

test("what was asked over a lost connection is asked again, and its late answer does not count", async () => {
  const page = changing();
  page.changes.edit("a", "new");
  page.changes.lost();
  assert.deepEqual(page.shown(), ["edit waiting"]);
  page.changes.joined();
  assert.equal(page.asked.length, 2);
  await page.answer(null);
  assert.deepEqual(page.shown(), ["edit asked"]);
  await page.answer(null);
  assert.deepEqual(page.shown(), ["edit failed"]);
  page.changes.joined(); // it had no answer
  assert.equal(page.asked.length, 1);
});

test("an edit whose answer was lost is done when the record shows it; nothing is left to change in a deleted one", () => {
  const page = changing();
  page.changes.edit("a", "new");
  page.changes.told(told(9, { chat: "new" }));
  assert.deepEqual(page.shown(), []);
  page.changes.edit("a", "newer");
  page.changes.react("a", "👍", true);
  page.changes.delete("a");
  page.changes.told({ _id: "a", seq: 7, rev: 10, deleted: "owner" });
  assert.deepEqual(page.shown(), []);
});

const SCREEN = { width: 320, height: 256 };
const PLACES = [
  ["below", { left: 100, top: 40, width: 50, height: 20 }, { width: 80, height: 90 }, "below", [85, 64]],
  ["above where there is no room below", { left: 100, top: 200, width: 50, height: 20 }, { width: 80, height: 90 }, "below", [85, 106]],
  ["above as wished", { left: 100, top: 150, width: 50, height: 20 }, { width: 80, height: 90 }, "above", [85, 56]],
  ["below where there is no room above", { left: 100, top: 20, width: 50, height: 20 }, { width: 80, height: 90 }, "above", [85, 44]],
  ["within the left edge", { left: -30, top: 40, width: 50, height: 20 }, { width: 80, height: 90 }, "below", [8, 64]],
  ["within the right edge", { left: 300, top: 40, width: 50, height: 20 }, { width: 80, height: 90 }, "below", [232, 64]],
  ["over a line that is as high as the screen", { left: 0, top: -50, width: 320, height: 400 }, { width: 80, height: 90 }, "below", [120, 158]],
  ["at the corner where it is as large as the screen", { left: 0, top: 0, width: 9, height: 9 }, SCREEN, "below", [0, 0]],
];

for (const [where, at, size, side, expected] of PLACES) {
  test(`a window beside what opened it goes ${where}`, () => {
    const { left, top } = placed(at, size, SCREEN, side);
    assert.deepEqual([left, top], expected);
    assert.ok(left >= 0 && top >= 0 && left + size.width <= SCREEN.width && top + size.height <= SCREEN.height);
  });
}

const KEYS = [
  [{ key: "ContextMenu" }, true, true],
  [{ key: "F10", shiftKey: true }, true, true],
  [{ key: "F10" }, false, false],
  [{ key: "Enter" }, true, false],
  [{ key: "Enter", shiftKey: true }, false, false],
  [{ key: "ContextMenu", ctrlKey: true }, false, false],
  [{ key: "a" }, false, false],
];

for (const [key, onLine, onButton] of KEYS) {
  test(`${JSON.stringify(key)} opens the menu of a focused line: ${onLine}, of a button in it: ${onButton}`, () => {
    assert.deepEqual([opensMenu(key, true), opensMenu(key, false)], [onLine, onButton]);
  });
}
