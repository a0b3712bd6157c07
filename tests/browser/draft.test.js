// Unsent text in the browser's storage. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Draft } from "../../static/js/room/draft.js";

/** A tab's sessionStorage in a browser that allows `room` characters. */
class Store {
  #map = new Map();
  constructor(room = Infinity) {
    this.room = room;
  }
  get size() {
    return this.#map.size;
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

const kept = (store, room = "r") => new Draft(store, room).written;

test("a draft survives its page with its recipient and belongs to one room", () => {
  const store = new Store();
  new Draft(store, "r").keep({ chat: " 안녕\n", to: "#a1b2c3" });
  new Draft(store, "other").keep({ chat: "hello" });
  assert.deepEqual(kept(store), { chat: " 안녕\n", to: "#a1b2c3" });
  assert.deepEqual(kept(store, "other"), { chat: "hello" });
});

test("a draft is updated part by part and deleted when it is empty", () => {
  const store = new Store();
  const draft = new Draft(store, "r");
  draft.keep({ to: "#a1b2c3" });
  assert.equal(store.size, 0);
  draft.keep({ chat: "a" });
  draft.keep({ caption: "b" });
  draft.keep({ to: undefined });
  assert.deepEqual(kept(store), { chat: "a", caption: "b" });
  draft.keep({ chat: "" });
  assert.deepEqual(kept(store), { chat: "", caption: "b" });
  draft.keep({ caption: "" });
  assert.equal(store.size, 0);
});

test("a draft keeps the message it replies to, and only valid ones", () => {
  const store = new Store();
  const re = { _id: "a", seq: 7, user: "#a1b2c3", chat: "what", partner: "#a1b2c3" };
  new Draft(store, "r").keep({ chat: "that", re });
  assert.deepEqual(kept(store), { chat: "that", re });
  for (const odd of [5, null, {}, { ...re, seq: "7" }, { ...re, chat: 5 }]) {
    new Draft(store, "r").keep({ chat: "that", re: odd });
    assert.deepEqual(kept(store), {});
  }
});

test("the end of a room deletes its draft, and later text is not stored", () => {
  const store = new Store();
  const draft = new Draft(store, "r");
  draft.keep({ chat: "a" });
  draft.end();
  draft.keep({ chat: "b" });
  assert.equal(store.size, 0);
});

test("drafts are bounded in number and length", () => {
  const store = new Store();
  for (let room = 0; room < 12; room++) new Draft(store, `${room}`).keep({ chat: "a" });
  const rooms = Array.from({ length: 12 }, (_, room) => room).filter((room) => kept(store, `${room}`).chat);
  assert.deepEqual(rooms, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const draft = new Draft(store, "11");
  draft.keep({ chat: "가".repeat(50_001) });
  assert.deepEqual(kept(store, "11"), {});
  draft.keep({ chat: "가".repeat(50_000) });
  assert.equal(kept(store, "11").chat?.length, 50_000);
});

test("without storage a draft lives as long as its page", () => {
  const forbidden = new Proxy({}, { get: () => assert.fail.bind(null, "SecurityError") });
  for (const store of [null, forbidden, new Store(10)]) {
    const draft = new Draft(store, "r");
    draft.keep({ chat: "안녕하세요" });
    assert.deepEqual(draft.written, { chat: "안녕하세요" });
    assert.deepEqual(kept(store), {});
  }
});

for (const found of ["", "{", "5", "null", '"r"', "[5, null, [], [1, {}]]", '[["r"]]', '[["r", {"chat": 5}]]']) {
  test(`foreign data in the storage is not taken for a draft: ${found}`, () => {
    const store = new Store();
    store.setItem("gifchat.drafts", found);
    const draft = new Draft(store, "r");
    assert.deepEqual(draft.written, {});
    draft.keep({ chat: "a" });
    assert.deepEqual(kept(store), { chat: "a" });
  });
}
