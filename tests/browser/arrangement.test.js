/** Which lines of a chat are one group. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { continues, factsOf } from "../../static/js/room/arrangement.js";

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
