// What a reader has not seen yet, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { AlertChoices } from "../../static/js/room/alerts/choices.js";
import { SeenStore } from "../../static/js/room/seen.js";
import { Unread } from "../../static/js/room/unread.js";

/** @param {number} seq */
const said = (seq, toMe = false) => ({ seq, toMe });

test("what comes unseen is counted, what is addressed to the reader apart, until it is seen", () => {
  const unread = new Unread();
  unread.arrived(said(12), 11);
  unread.arrived(said(15, true), 14);
  unread.arrived(said(14), 12); // late
  assert.deepEqual([unread.count, unread.mentions], [3, 1]);
  assert.deepEqual(unread.position(15), { seq: 11, mark: { after: 11, first: 12 } });
  unread.saw(14);
  assert.deepEqual([unread.count, unread.mentions], [1, 1]);
  unread.forget(15);
  assert.deepEqual([unread.count, unread.mentions], [0, 0]);
});

test("the mark stays until it was seen and the reader has gone away again", () => {
  const unread = new Unread();
  unread.arrived(said(12), 11);
  unread.saw(12);
  unread.leave(); // the mark is further up, and the reader was not there
  assert.deepEqual([unread.mark, unread.sinceMark], [{ after: 11, first: 12 }, 1]);
  unread.arrived(said(13), 12);
  assert.deepEqual([unread.mark, unread.sinceMark], [{ after: 11, first: 12 }, 2]);
  unread.sawMark();
  unread.leave(); // with one unread
  assert.deepEqual([unread.mark, unread.sinceMark], [{ after: 11, first: 12 }, 0]);
  unread.saw(13);
  unread.leave();
  assert.equal(unread.mark, undefined);
});

test("a seen mark gives way to what comes next", () => {
  const unread = new Unread();
  unread.arrived(said(12), 11);
  unread.sawMark();
  unread.arrived(said(13), 12);
  assert.deepEqual(unread.mark, { after: 11, first: 12 });
  unread.saw(13);
  unread.arrived(said(17), 16);
  assert.deepEqual([unread.mark, unread.sinceMark], [{ after: 16, first: 17 }, 1]);
});

test("a mark that was not seen outlasts a reload", () => {
  const unread = new Unread();
  unread.restoreMark({ after: 11, first: 12 }, 2);
  unread.arrived(said(20), 15);
  assert.deepEqual([unread.mark, unread.sinceMark], [{ after: 11, first: 12 }, 3]);
  assert.deepEqual(unread.position(20), { seq: 19, mark: { after: 11, first: 12 } });
  unread.sawMark();
  unread.saw(20);
  assert.deepEqual(unread.position(20), { seq: 20 });
});

class MemoryStorage extends Map {
  getItem = (/** @type {string} */ key) => this.get(key) ?? null;
  setItem = (/** @type {string} */ key, /** @type {string} */ value) => this.set(key, value);
  removeItem = (/** @type {string} */ key) => this.delete(key);
}

test("what was seen of a room is read once, in the same epoch", () => {
  const store = /** @type {any} */ (new MemoryStorage());
  const [room, other] = [new SeenStore(store, "room"), new SeenStore(store, "other")];
  const seen = { epoch: "e", seq: 7, mark: { after: 5, first: 6 } };
  room.keep(seen);
  assert.equal(other.take("e"), null);
  assert.deepEqual(room.take("e"), seen);
  assert.equal(room.take("e"), null);
  room.keep({ epoch: "e", seq: 7 });
  assert.equal(room.take("restored"), null);
  room.end();
  room.keep(seen);
  assert.equal(store.size, 0);
});

for (const kept of ["{", "7", "null", '{"epoch":"e"}', '{"epoch":"e","seq":"7"}', '{"epoch":"e","seq":7,"mark":{}}']) {
  test(`anything else that is kept there is nothing: ${kept}`, () => {
    const store = /** @type {any} */ (new MemoryStorage([["gifchat.seen/room", kept]]));
    assert.equal(new SeenStore(store, "room").take("e"), null);
  });
}

test("without storage, nothing is kept", () => {
  const room = new SeenStore(null, "room");
  room.keep({ epoch: "e", seq: 7 });
  assert.equal(room.take("e"), null);
});

test("a reader is told what they chose to be told, also after a reload", () => {
  const store = /** @type {any} */ (new MemoryStorage());
  const choices = new AlertChoices(store);
  assert.ok(!choices.wants("sound", true) && !choices.wants("notice", true));
  choices.choose("sound", "mentions");
  choices.choose("notice", "all");
  for (const each of [choices, new AlertChoices(store)]) {
    assert.deepEqual([each.wants("sound", true), each.wants("sound", false)], [true, false]);
    assert.deepEqual([each.wants("notice", true), each.wants("notice", false)], [true, true]);
  }
});

for (const kept of ["{", "7", "null", '{"sound":"loud","notice":1}']) {
  test(`anything else is no choice: ${kept}`, () => {
    const choices = new AlertChoices(/** @type {any} */ (new MemoryStorage([["gifchat.alerts", kept]])));
    assert.deepEqual([choices.of("sound"), choices.of("notice")], ["none", "none"]);
  });
}
