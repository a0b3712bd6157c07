// Unsent text in the browser's storage. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Draft } from "../../static/js/room/draft.js";

/** The localStorage of a browser that allows `room` characters. */
class Store {
  #map = new Map();
  constructor(room = Infinity) {
    this.room = room;
  }
  get length() {
    return this.#map.size;
  }
  key(index) {
    return [...this.#map.keys()][index] ?? null;
  }
  getItem(key) {
    return this.#map.get(key) ?? null;
  }
  setItem(key, value) {
    if (value.length > this.room) throw new Error("QuotaExceededError");
    this.#map.set(key, value);
  }
  removeItem(key) {
    this.#map.delete(key);
  }
}

const HOUR_MS = 3_600_000;
const draftOf = (store, scope = "r/u", now = 0) => new Draft(store, scope, now);
const kept = (store, scope = "r/u", now = 0) => draftOf(store, scope, now).written;

test("a draft survives its page with its recipient and belongs to one visitor in one room", () => {
  const store = new Store();
  draftOf(store).keep({ chat: " 안녕\n", to: "#a1b2c3" }, 0);
  draftOf(store, "other/u").keep({ chat: "hello" }, 0);
  assert.deepEqual(kept(store), { chat: " 안녕\n", to: "#a1b2c3" });
  assert.deepEqual(kept(store, "other/u"), { chat: "hello" });
  assert.deepEqual(kept(store, "r/v"), {});
});

test("a draft is kept for a day after its last change, and any page deletes the old ones", () => {
  const store = new Store();
  draftOf(store).keep({ chat: "a" }, 0);
  draftOf(store).keep({ caption: "b" }, 2 * HOUR_MS);
  draftOf(store, "other/u").keep({ chat: "c" }, HOUR_MS);
  store.setItem("gifchat.outbox/r/u/x", "{}");
  assert.deepEqual(kept(store, "r/u", 26 * HOUR_MS), { chat: "a", caption: "b" });
  assert.equal(store.length, 2);
  assert.deepEqual(kept(store, "r/u", 27 * HOUR_MS), {});
  assert.equal(store.length, 1);
});

test("a draft follows its writer, to whom the server gave another colour", () => {
  const store = new Store();
  const draft = draftOf(store);
  draft.keep({ chat: "a", to: "#a1b2c3" }, 0);
  draft.move("r/v");
  assert.deepEqual([kept(store), kept(store, "r/v").chat, store.length], [{}, "a", 1]);
});

test("a draft is updated part by part and deleted when it is empty", () => {
  const store = new Store();
  const draft = draftOf(store);
  draft.keep({ to: "#a1b2c3" });
  assert.deepEqual(kept(store), { to: "#a1b2c3" }, "what is written next is a whisper, too");
  draft.keep({ chat: "a" });
  draft.keep({ caption: "b" });
  draft.keep({ to: undefined });
  assert.deepEqual(kept(store), { chat: "a", caption: "b" });
  draft.keep({ chat: "" });
  assert.deepEqual(kept(store), { chat: "", caption: "b" });
  draft.keep({ caption: "" });
  assert.equal(store.length, 0);
});

test("a draft keeps the message it replies to, and only valid ones", () => {
  const store = new Store();
  const re = { _id: "a", seq: 7, user: "#a1b2c3", chat: "what", partner: "#a1b2c3" };
  draftOf(store).keep({ chat: "that", re });
  assert.deepEqual(kept(store), { chat: "that", re });
  for (const odd of [5, null, {}, { ...re, seq: "7" }, { ...re, chat: 5 }]) {
    draftOf(store).keep({ chat: "that", re: odd });
    assert.deepEqual(kept(store), {});
  }
});

test("the end of a room deletes its draft, and later text is not stored", () => {
  const store = new Store();
  const draft = draftOf(store);
  draft.keep({ chat: "a" });
  draft.end();
  draft.keep({ chat: "b" });
  assert.equal(store.length, 0);
});

test("drafts are bounded in number and length", () => {
  const store = new Store();
  for (let room = 0; room < 12; room++) draftOf(store, `${room}`).keep({ chat: "a" }, room);
  const rooms = Array.from({ length: 12 }, (_, room) => room).filter((room) => kept(store, `${room}`).chat);
  assert.deepEqual(rooms, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const draft = draftOf(store, "11");
  draft.keep({ chat: "가".repeat(50_001) }, 12);
  assert.deepEqual(kept(store, "11"), {});
  draft.keep({ chat: "가".repeat(50_000) }, 12);
  assert.equal(kept(store, "11").chat?.length, 50_000);
});

test("without storage a draft lives as long as its page", () => {
  const forbidden = new Proxy({}, { get: () => assert.fail.bind(null, "SecurityError") });
  for (const store of [null, forbidden, new Store(10)]) {
    const draft = draftOf(store);
    draft.keep({ chat: "안녕하세요" });
    assert.deepEqual(draft.written, { chat: "안녕하세요" });
    assert.deepEqual(kept(store), {});
  }
});

for (const found of ["", "{", "5", "null", '"r"', "[5, null]", '{"written": null, "at": 1}', '{"written": {"chat": 5}, "at": 1}', '{"written": {}}']) {
  test(`foreign data in the storage is not taken for a draft: ${found}`, () => {
    const store = new Store();
    store.setItem("gifchat.draft/r/u", found);
    const draft = draftOf(store);
    assert.deepEqual(draft.written, {});
    draft.keep({ chat: "a" });
    assert.deepEqual(kept(store), { chat: "a" });
  });
}
