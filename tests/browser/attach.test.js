// How images are sent from the page, apart from any page: run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Refusal } from "../../static/js/http.js";
import { Queue } from "../../static/js/room/attach/queue.js";

/** What becomes of each nonce, in order, by a script of what the server does. */
function play(script) {
  const told = [];
  const queue = new Queue({
    onWaiting: (nonce) => told.push(`${nonce} waits`),
    onSending: (nonce) => told.push(`${nonce} goes`),
    onFailed: (nonce) => told.push(`${nonce} fails`),
    async deliver(nonce, signal) {
      const outcome = script[nonce].shift();
      if (outcome === "fast") throw new Refusal({ error: "too_fast", message: "", retry_after: 0.01 });
      if (outcome === "no") throw new Refusal({ error: "storage", message: "disk" });
      if (outcome === "silence") throw new TypeError("no network");
      if (outcome === "hangs") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new TypeError("broken off"))));
      }
      await new Promise(setImmediate);
      told.push(`${nonce} there`);
    },
  });
  const until = async (condition) => {
    while (!condition()) await new Promise(setImmediate);
    return told;
  };
  return { queue, told, until, over: () => until(() => queue.empty) };
}

test("images go one after the other; what fails lets the next one go, and can go again", async () => {
  const { queue, over } = play({ a: ["ok"], b: ["no", "ok"], c: ["silence"], d: ["ok"] });
  for (const nonce of "abcd") queue.add(nonce);
  await over();
  queue.add("b");
  assert.deepEqual(await over(), [
    ...["a goes", "b waits", "c waits", "d waits", "a there", "b goes", "b fails", "c goes", "c fails"],
    ...["d goes", "d there", "b goes", "b there"],
  ]);
});

test("too fast is waited out, in order", async () => {
  const { queue, over } = play({ a: ["fast", "fast", "ok"], b: ["ok"] });
  for (const nonce of "ab") queue.add(nonce);
  assert.deepEqual(await over(), [
    ...["a goes", "b waits", "a waits", "a goes", "a waits", "a goes", "a there", "b goes", "b there"],
  ]);
});

test("what is called back is broken off, or never goes, and fails nowhere", async () => {
  const { queue, told, until, over } = play({ a: ["hangs"], b: [], c: ["fast"], d: ["ok"] });
  for (const nonce of "abcd") queue.add(nonce);
  queue.cancel("b");
  queue.cancel("a");
  await until(() => told.includes("c goes"));
  await until(() => told.at(-1) === "c waits");
  queue.cancel("c");
  assert.deepEqual((await over()).slice(4), ["c goes", "c waits", "d goes", "d there"]);
});

test("what has arrived by another way neither goes again nor fails, and is not broken off", async () => {
  const { queue, over } = play({ a: ["fast"], b: ["ok"], c: ["silence"], d: ["ok"] });
  for (const nonce of "abcd") queue.add(nonce);
  await new Promise(setImmediate);
  queue.settle("a");
  queue.settle("c");
  assert.deepEqual((await over()).slice(4), ["a waits", "b goes", "b there", "d goes", "d there"]);
});
