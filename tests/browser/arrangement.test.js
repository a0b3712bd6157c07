/** Which lines of a chat are one group, what is folded, and what days are called. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { continues, dayName, factsOf, runs, untilTomorrow } from "../../static/js/room/arrangement.js";

const ANNA = "#112233";
const BEN = "#445566";

/**
 * @param {number} minute
 * @param {object} [more]
 */
function said(minute, more = {}) {
  const createdAt = new Date(2026, 0, 31, 12, minute).toISOString();
  return factsOf({ user: ANNA, createdAt, ...more });
}

const QUOTE = { _id: "1", seq: 1, user: BEN, chat: "?" };

test("what one person says within three minutes is one group", () => {
  assert.ok(continues(said(0), said(3)));
  assert.ok(!continues(said(0), said(4)));
  assert.ok(!continues(said(0), said(1, { user: BEN })));
  assert.ok(!continues(undefined, said(0)));
});

test("a group ends at midnight", () => {
  const [before, after] = [said(11 * 60 + 59), said(12 * 60)];
  assert.ok(!continues(before, after));
  assert.equal(after.day, 20260201);
});

test("a whisper is in no group", () => {
  const whisper = said(1, { to: BEN });
  assert.ok(!continues(said(0), whisper));
  assert.ok(!continues(whisper, said(2)));
  assert.ok(!continues(whisper, said(2, { to: BEN })));
});

test("a reply begins a group, until it is deleted", () => {
  const reply = said(1, { re: QUOTE });
  assert.ok(!continues(said(0), reply));
  assert.ok(continues(reply, said(2)));
  assert.ok(continues(said(0), said(1, { re: QUOTE, deleted: "sender" })));
});

test("what the system says is in no group", () => {
  assert.ok(!continues(said(0, { user: "system" }), said(0, { user: "system" })));
});

test("what is being sent may be earlier than the line before, when the clocks differ a little", () => {
  assert.ok(continues(said(2), said(1)));
});

/** @param {string} events "join" or "exit", or anything else for what is said, separated by spaces */
const lines = (events) => events.split(" ").map((event) => said(0, event === "hi" ? {} : { user: "system", event }));

for (const [events, folded] of /** @type {const} */ ([
  ["join join join", []],
  ["join exit join exit", [{ first: 0, last: 3, joins: 2, exits: 2 }]],
  ["hi join join join join hi", [{ first: 1, last: 4, joins: 4, exits: 0 }]],
  ["join join hi join join", []],
  ["join join join owner exit", []],
  ["exit exit exit exit hi join join join join join", [{ first: 0, last: 3, joins: 0, exits: 4 }, { first: 5, last: 9, joins: 5, exits: 0 }]],
])) {
  test(`of "${events}", ${folded.length} runs are folded`, () => assert.deepEqual(runs(lines(events)), folded));
}

test("passages of two days are not folded into one line", () => {
  const [before, after] = [11 * 60 + 59, 12 * 60].map((minute) => said(minute, { user: "system", event: "join" }));
  assert.deepEqual(runs([before, before, after, after]), []);
});

test("a passage to which somebody has reacted is not hidden", () => {
  const event = { user: "system", event: "join" };
  const reacted = said(0, { ...event, reactions: { "👋": { count: 1, users: [ANNA] } } });
  assert.deepEqual(runs([said(0, event), said(0, event), reacted, said(0, event)]), []);
});

/** @param {number[]} moment */
const at = (...moment) => new Date(2026, ...moment).getTime();

for (const [day, now, ko, en] of /** @type {const} */ ([
  [[0, 31, 23, 59], [0, 31, 0, 1], "오늘", "Today"],
  [[0, 31, 23, 59], [1, 1, 0, 1], "어제", "Yesterday"],
  [[0, 30, 23, 59], [1, 1, 0, 1], "1월 30일 금요일", "Friday, January 30"],
  [[-1, 31, 12], [1, 1, 12], "2025년 12월 31일 수요일", "Wednesday, December 31, 2025"],
])) {
  test(`${en} is called that in both languages`, () => {
    assert.equal(dayName(at(...day), at(...now), "ko"), ko);
    assert.equal(dayName(at(...day), at(...now), "en"), en);
  });
}

test("tomorrow begins at midnight", () => {
  assert.equal(untilTomorrow(at(0, 31, 23, 59, 59)), 1000);
});
