// What keeps the reader from saying something. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Silence } from "../../static/js/room/silence.js";

const NOON = Date.parse("2026-05-04T12:00:00.000Z");
const at = (minutes) => new Date(NOON + minutes * 60_000).toISOString();

test("a room is frozen and slow as its latest state says", () => {
  const silence = new Silence("a");
  silence.said(NOON);
  assert.deepEqual([silence.frozen, silence.wait_s(NOON)], [false, 0]);
  silence.rules({ frozen: true, slow: 10 });
  assert.deepEqual([silence.frozen, silence.wait_s(NOON), silence.wait_s(NOON + 9001)], [true, 10, 1]);
  assert.equal(silence.wait_s(NOON + 10_000), 0);
  silence.rules({});
  assert.deepEqual([silence.frozen, silence.wait_s(NOON)], [false, 0]);
});

test("a mute holds in its room or in all, until it is over or ended", () => {
  const silence = new Silence("a");
  silence.mute({ room: "b", until: at(9) });
  assert.equal(silence.mutedUntil(NOON), null);
  silence.mute({ room: "a", until: at(1) });
  silence.mute({ room: null, until: at(5) });
  assert.equal(silence.mutedUntil(NOON), NOON + 300_000);
  assert.equal(silence.mutedUntil(NOON + 300_000), null);
  silence.mute({ room: null, until: null }); // in all
  assert.equal(silence.mutedUntil(NOON), null);
  silence.mute({ room: "a", until: at(2) });
  silence.mute({ room: "a", until: null });
  assert.equal(silence.mutedUntil(NOON), null);
});
