// Outgoing messages: kept until the server has them, and sent in order. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Outbox } from "../../static/js/room/outbox.js";

// The page's texts are in the page, and there is no page here.
globalThis.document = { documentElement: { lang: "ko" }, getElementById: () => null };
const { Letters } = await import("../../static/js/room/letters.js");

/** The part of localStorage that an outbox uses. */
class Store {
  #map = new Map();
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
    this.#map.set(key, value);
  }
  removeItem(key) {
    this.#map.delete(key);
  }
}

test("an outbox survives its page in order and separates rooms", () => {
  const store = new Store();
  const before = new Outbox(store, "r/u");
  before.write("a", { chat: "1" }, 1000);
  before.write("b", { chat: "2" }, 1000);
  before.write("c", { chat: "3", to: "#00aa00" }, 999); // the clock was set back
  before.fail("b", "no");
  new Outbox(store, "other/u").write("x", { chat: "?" }, 1);
  store.setItem("gifchat.outbox/r/u/broken", "{");
  store.setItem("unrelated", "1");

  const after = new Outbox(store, "r/u");
  assert.deepEqual(
    after.all().map(({ nonce, chat, to, failure }) => [nonce, chat, to, failure]),
    [
      ["a", "1", undefined, undefined],
      ["b", "2", undefined, "no"],
      ["c", "3", "#00aa00", undefined],
    ],
  );
  after.remove("a");
  assert.equal(after.waiting()[0], "c");
  after.retry("b");
  assert.equal(after.waiting()[0], "b");

  after.clear();
  assert.equal(new Outbox(store, "r/u").waiting().length, 0);
  assert.equal(new Outbox(store, "other/u").all().length, 1);
  const later = 2 * 24 * 3600 * 1000;
  new Outbox(store, "other/u").sweep(later); // the phone's clock was corrected: the room's messages are still there
  assert.equal(new Outbox(store, "other/u").all().length, 1);
  after.sweep(later);
  assert.equal(new Outbox(store, "other/u").all().length, 0);
});

test("a visitor with a new identity still finds their unsent messages, in order", () => {
  const store = new Store();
  const outbox = new Outbox(store, "r/u");
  outbox.write("a", { chat: "1" }, 1000);
  outbox.write("b", { chat: "2", to: "#00aa00" }, 1000);
  outbox.move("r/v");
  assert.deepEqual(new Outbox(store, "r/u").all(), []);
  assert.deepEqual(new Outbox(store, "r/v").all().map(({ nonce, to }) => [nonce, to]), [["a", undefined], ["b", "#00aa00"]]);
});

test("a refused whisper that is resent is still a whisper", () => {
  const store = new Store();
  const outbox = new Outbox(store, "r/u");
  outbox.write("a", { chat: "psst", to: "#00aa00" }, 1);
  outbox.fail("a", "not here");
  outbox.retry("a");
  assert.deepEqual(outbox.waiting(), ["a"]);
  assert.equal(outbox.get("a")?.to, "#00aa00");
  assert.equal(new Outbox(store, "r/u").get("a")?.to, "#00aa00");
});

test("without storage unsent messages live as long as the page", () => {
  const forbidden = {
    get length() {
      throw new Error("forbidden");
    },
    setItem() {
      throw new Error("full");
    },
    removeItem() {
      throw new Error("forbidden");
    },
  };
  const outbox = new Outbox(forbidden, "r/u");
  outbox.write("a", { chat: "1" }, 1);
  assert.equal(outbox.get("a")?.chat, "1");
  outbox.remove("a");
  assert.deepEqual(outbox.waiting(), []);
  outbox.sweep(1);
});

/**
 * The messages of a room, with a script of their outcomes: by the socket or, where that gives "none", by a request.
 * @param {Record<string, string[]>} script by what is said
 * @param {Outbox} outbox
 */
function inRoom(script, outbox) {
  const told = [];
  const outcomeOf = (chat) => {
    const outcome = script[chat].shift();
    told.push(`${chat}: ${outcome}`);
    return outcome;
  };
  const link = {
    seq: 0,
    async ask(_, { chat }) {
      const outcome = outcomeOf(chat);
      if (outcome === "none") return null;
      if (outcome === "fast") return { ok: false, error: "too_fast", message: "", retry_after: 0.01 };
      if (outcome === "no") return { ok: false, error: "storage", message: "disk" };
      return { ok: true, _id: chat, seq: 1 };
    },
  };
  globalThis.fetch = async (_, { body }) => {
    const outcome = outcomeOf(JSON.parse(body).chat);
    if (outcome === "silence") {
      setImmediate(() => letters.joined());
      throw new TypeError("no network");
    }
    return new Promise(() => {}); // it hangs
  };
  const conversation = {
    pend() {},
    acknowledge() {},
    retry() {},
    fail: (_, text) => told.push(text),
  };
  const letters = new Letters("r", "#00aa00", outbox, link, conversation);
  return { letters, told };
}

/** @param {() => boolean} wanted */
async function until(wanted) {
  const deadline = Date.now() + 20_000;
  while (!wanted()) {
    if (Date.now() > deadline) process.exit(1); // failing is not enough: the pending timer would keep the process alive
    await new Promise(setImmediate);
  }
}

test("messages keep their order through refusals, silence and throttling, and a refused one when it is resent", async () => {
  const outbox = new Outbox(new Store(), "r/u");
  const script = {
    a: ["fast", "ok"],
    b: ["no", "ok"],
    c: ["none", "silence", "ok"],
    d: ["ok"],
    e: ["none", "hangs", "ok"],
    f: ["ok"],
  };
  const { letters, told } = inRoom(script, outbox);
  for (const chat of "abcd") letters.write({ chat });
  await until(() => outbox.waiting().length === 0);
  assert.deepEqual(told.splice(0), [
    "a: fast", "a: ok", "b: no", "disk", "c: none", "c: silence", "c: ok", "d: ok",
  ]);
  assert.deepEqual(
    outbox.all().map(({ chat }) => chat),
    ["b"],
  );

  for (const chat of "ef") letters.write({ chat });
  await until(() => told.length === 2);
  letters.retry(outbox.all()[0].nonce);
  letters.joined(); // it does not wait for a request on a network that is gone
  await until(() => outbox.all().length === 0);
  assert.deepEqual(told, ["e: none", "e: hangs", "b: ok", "e: ok", "f: ok"]);
});

test("messages left by an earlier page are sent when the room is joined, and not once the room is gone", async () => {
  const outbox = new Outbox(new Store(), "r/u");
  for (const chat of "ab") outbox.write(chat, { chat }, 1);
  const { letters, told } = inRoom({ a: ["none", "hangs"], b: [], c: ["ok"] }, outbox);
  assert.deepEqual(told, []);
  letters.joined();
  await until(() => told.length === 2);
  letters.close();
  letters.write({ chat: "c" });
  letters.joined();
  await until(() => outbox.all().length === 0);
  assert.deepEqual(told, ["a: none", "a: hangs", "c: ok"]);
});
