// The queue of uploads. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Refusal } from "../../static/js/http.js";
import { Queue } from "../../static/js/room/queue.js";

/**
 * The outcomes of each nonce, in order, for a script of the server's answers; `heard` is called at each.
 * @param {Record<string, string[]>} script
 * @param {(line: string, queue: Queue) => void} [heard]
 */
async function play(script, heard = () => {}) {
  const told = [];
  const tell = (line) => {
    told.push(line);
    heard(line, queue);
  };
  const queue = new Queue({
    onWaiting: (nonce) => tell(`${nonce} waits`),
    onSending: (nonce) => tell(`${nonce} goes`),
    onUnanswered: (nonce) => tell(`${nonce} is not answered`),
    onRefused: (nonce) => tell(`${nonce} is refused`),
    async deliver(nonce, signal) {
      const outcome = script[nonce].shift();
      if (outcome === "fast") throw new Refusal({ error: "too_fast", message: "", retry_after: 0.01 });
      if (outcome === "slow") throw new Refusal({ error: "too_fast", message: "", retry_after: 3600 });
      if (outcome === "no") throw new Refusal({ error: "storage", message: "disk" });
      if (outcome === "frozen") throw new Refusal({ error: "frozen", message: "" });
      if (outcome === "early") throw new Refusal({ error: "not_admitted", message: "" });
      if (outcome === "silence") throw new TypeError("no network");
      if (outcome === "hangs") {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(new TypeError("broken off")));
          tell(`${nonce} hangs`);
        });
      }
      tell(`${nonce} there`);
    },
  });
  for (const nonce of Object.keys(script)) queue.add(nonce);
  const deadline = Date.now() + 20_000;
  while (!queue.empty) {
    if (Date.now() > deadline) process.exit(1); // failing is not enough: the pending timer would keep the process alive
    await new Promise(setImmediate);
  }
  return told;
}

test("images are sent one at a time; a refused one lets the next go and can be retried", async () => {
  const again = (line, queue) => line === "c goes" && queue.add("b");
  const told = await play({ a: ["ok"], b: ["no", "ok"], c: ["ok"] }, again);
  assert.deepEqual(told, [
    ...["a goes", "a there", "b waits", "c waits", "b goes", "b is refused", "c goes"],
    ...["b waits", "c there", "b goes", "b there"],
  ]);
});

test("while everybody listens nothing is refused: it waits, and goes in its order when that is over", async () => {
  const over = (line, queue) => line === "b waits" && setImmediate(() => queue.restart());
  const told = await play({ a: ["frozen", "ok"], b: ["ok"] }, over);
  assert.deepEqual(told, ["a goes", "b waits", "a waits", "a goes", "a there", "b goes", "b there"]);
});

test("an upload that is unanswered, or came before the page has joined, is retried until it is there; none overtakes it", async () => {
  let answers = 0;
  const back = (line, queue) => {
    if (line === "b is not answered") queue.restart();
    // The second time it hangs because the network is gone.
    if (line === "b hangs" && ++answers) queue.restart();
  };
  const told = await play({ a: ["ok"], b: ["early", "hangs", "silence", "ok"], c: ["ok"], d: ["ok"] }, back);
  assert.deepEqual(told.slice(5), [
    ...["b goes", "b is not answered", "b hangs", "b is not answered", "b is not answered", "b there"],
    ...["c goes", "c there", "d goes", "d there"],
  ]);
  assert.equal(answers, 1);
});

test("an unanswered upload can be cancelled, and then no longer blocks the queue", async () => {
  const cancel = (line, queue) => line === "a is not answered" && queue.cancel("a");
  assert.deepEqual((await play({ a: ["silence"], b: ["ok"] }, cancel)).slice(2), [
    ...["a is not answered", "b goes", "b there"],
  ]);
});

test("throttled uploads wait and keep their order", async () => {
  assert.deepEqual(await play({ a: ["fast", "fast", "ok"], b: ["ok"] }), [
    ...["a goes", "b waits", "a waits", "a goes", "a waits", "a goes", "a there", "b goes", "b there"],
  ]);
});

test("a cancelled upload is aborted or never sent, and reports no failure", async () => {
  let waits = 0;
  const cancel = (line, queue) => {
    if (line === "d waits") for (const nonce of "ba") queue.cancel(nonce);
    // Once waiting for its turn, and once throttled.
    if (line === "c waits" && ++waits === 2) queue.cancel("c");
  };
  assert.deepEqual((await play({ a: ["hangs"], b: [], c: ["fast"], d: ["ok"] }, cancel)).slice(5), [
    ...["c goes", "c waits", "d goes", "d there"],
  ]);
});

test("a throttled upload that is cancelled, or arrives by another way, no longer blocks the queue", async () => {
  let waits = 0;
  const release = (line, queue) => {
    if (line === "a waits") queue.cancel("a");
    if (line === "b waits" && ++waits === 2) queue.settle("b");
  };
  const told = await play({ a: ["slow"], b: ["slow"], c: ["ok"] }, release);
  assert.deepEqual(told.slice(-4), ["b goes", "b waits", "c goes", "c there"]);
});

test("an upload that has arrived by another way is not retried, failed or aborted", async () => {
  const settle = (line, queue) => {
    if (line === "a waits") queue.settle("a");
    if (line === "b there") queue.settle("c");
  };
  assert.deepEqual((await play({ a: ["fast"], b: ["ok"], c: ["silence"], d: ["ok"] }, settle)).slice(4), [
    ...["a waits", "b goes", "b there", "d goes", "d there"],
  ]);
});
