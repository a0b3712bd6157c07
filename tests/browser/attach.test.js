// How images are sent from the page, apart from any page: run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Refusal } from "../../static/js/http.js";
import { Batch } from "../../static/js/room/attach/batch.js";
import { kindOf } from "../../static/js/room/attach/kinds.js";
import { Queue } from "../../static/js/room/attach/queue.js";
import { limitMib, sizeText } from "../../static/js/room/attach/size.js";
import { carriesFiles, pastedFiles } from "../../static/js/room/attach/transfer.js";
import { troubleWith } from "../../static/js/room/attach/trouble.js";

/**
 * What becomes of each nonce, in order, by a script of what the server does; `heard` is called as it becomes so.
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
    onFailed: (nonce) => tell(`${nonce} fails`),
    async deliver(nonce, signal) {
      const outcome = script[nonce].shift();
      if (outcome === "fast") throw new Refusal({ error: "too_fast", message: "", retry_after: 0.01 });
      if (outcome === "slow") throw new Refusal({ error: "too_fast", message: "", retry_after: 3600 });
      if (outcome === "no") throw new Refusal({ error: "storage", message: "disk" });
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
    if (Date.now() > deadline) process.exit(1); // failing is not enough: the timer it waits for would keep it alive
    await new Promise(setImmediate);
  }
  return told;
}

test("images go one after the other; what fails lets the next one go, and can go again", async () => {
  const again = (line, queue) => line === "d goes" && queue.add("b");
  const told = await play({ a: ["ok"], b: ["no", "ok"], c: ["silence"], d: ["ok"] }, again);
  assert.deepEqual(told, [
    ...["a goes", "a there", "b waits", "c waits", "d waits", "b goes", "b fails", "c goes", "c fails"],
    ...["d goes", "b waits", "d there", "b goes", "b there"],
  ]);
});

test("too fast is waited out, in order", async () => {
  assert.deepEqual(await play({ a: ["fast", "fast", "ok"], b: ["ok"] }), [
    ...["a goes", "b waits", "a waits", "a goes", "a waits", "a goes", "a there", "b goes", "b there"],
  ]);
});

test("what is called back is broken off, or never goes, and fails nowhere", async () => {
  let waits = 0;
  const cancel = (line, queue) => {
    if (line === "d waits") for (const nonce of "ba") queue.cancel(nonce);
    // Once for its turn, and once because it was too fast.
    if (line === "c waits" && ++waits === 2) queue.cancel("c");
  };
  assert.deepEqual((await play({ a: ["hangs"], b: [], c: ["fast"], d: ["ok"] }, cancel)).slice(5), [
    ...["c goes", "c waits", "d goes", "d there"],
  ]);
});

test("what waits because it was too fast, and is called back or arrives by another way, holds up none behind it", async () => {
  let waits = 0;
  const release = (line, queue) => {
    if (line === "a waits") queue.cancel("a");
    if (line === "b waits" && ++waits === 2) queue.settle("b");
  };
  const told = await play({ a: ["slow"], b: ["slow"], c: ["ok"] }, release);
  assert.deepEqual(told.slice(-4), ["b goes", "b waits", "c goes", "c there"]);
});

test("what has arrived by another way neither goes again nor fails, and is not broken off", async () => {
  const settle = (line, queue) => {
    if (line === "a waits") queue.settle("a");
    if (line === "b there") queue.settle("c");
  };
  assert.deepEqual((await play({ a: ["fast"], b: ["ok"], c: ["silence"], d: ["ok"] }, settle)).slice(4), [
    ...["a waits", "b goes", "b there", "d goes", "d there"],
  ]);
});

const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The first bytes of a file → what it is. */
const HEADS = [
  ["GIF87a..........", "gif"],
  ["GIF89a..........", "gif"],
  ["RIFF\x10\x00\x00\x00WEBPVP8X", "webp"],
  ["\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "png"],
  ["\xff\xd8\xff\xe0\x00\x10JFIF\x00", "jpeg"],
  ["\xff\xd8\xff\xe1", "jpeg"],
  ["\x00\x00\x00\x18ftypheic", "heic"],
  ["\x00\x00\x00\x24ftypmif1\x00", "heic"],
  ["\x00\x00\x00\x1cftypavif", null],
  ["\x00\x00\x00\x1cftypisom", null],
  ["RIFF\x10\x00\x00\x00WAVEfmt ", null],
  ["GIF88a", null],
  ["GIF89", null],
  [" GIF89a", null],
  ["<svg xmlns=", null],
  ["BM......", null],
  ["", null],
];

for (const [head, kind] of HEADS) {
  test(`a file that begins with ${JSON.stringify(head)} is ${kind ?? "no image for the chat"}`, () => {
    assert.equal(kindOf(bytes(head)), kind);
  });
}

test("what the server would refuse is known before it is sent", async () => {
  const gif = "GIF89a" + ".".repeat(94);
  assert.equal(await troubleWith(new Blob([gif]), 100), null);
  assert.equal(await troubleWith(new Blob([gif]), 99), "too_big");
  assert.equal(await troubleWith(new Blob([bytes("\x00\x00\x00\x18ftypheic" + "x".repeat(200))]), 100), "heic");
  assert.equal(await troubleWith(new Blob(["<html>"]), 100), "not_an_image");
  assert.equal(await troubleWith(new Blob([]), 100), "empty");
  const folder = { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) };
  assert.equal(await troubleWith(folder, 100), "unreadable");
});

test("a batch takes ten, and as many again as are taken out", () => {
  const batch = new Batch();
  const files = Array.from({ length: 12 }, (_, number) => ({ name: `${number}` }));
  const { added, left } = batch.add(files.slice(0, 8));
  assert.deepEqual([added.length, left], [8, 0]);
  assert.equal(batch.add(files.slice(8)).left, 2);
  batch.remove(added[0]);
  assert.equal(batch.add([files[11]]).left, 0);
  for (const item of batch.items) item.trouble = item.file.name === "3" ? "no" : null;
  assert.deepEqual(
    batch.good.map((item) => item.file.name),
    ["1", "2", "4", "5", "6", "7", "8", "9", "11"],
  );
});

/** What lies in the clipboard, and whether its files are meant. */
const CLIPBOARDS = [
  ["a screenshot", ["image.png"], "", true],
  ["a picture, copied in Safari", ["image.png"], "https://example.test/a.png", true],
  ["two files, copied in a file manager", ["a b.gif", "c.png"], "a b.gif\nc.png\n", true],
  ["their addresses", ["a.gif", "c.png"], "file:///home/x/a.gif\r\nfile:///home/x/c.png", true],
  ["a table, which has a picture of itself", ["image.png"], "a\tb\n1\t2", false],
  ["a paragraph with an address in it", ["image.png"], "see https://example.test/", false],
  ["text", [], "text", false],
  ["nothing", [], "", false],
];

for (const [what, names, text, meant] of CLIPBOARDS) {
  test(`pasted: ${what}`, () => {
    const files = names.map((name) => ({ name }));
    const found = pastedFiles({ files, getData: (type) => (type === "text/plain" ? text : "<img>") });
    assert.deepEqual(found, meant ? files : []);
  });
}

test("only files are dropped, not text and not links", () => {
  assert.equal(carriesFiles(["text/html", "Files"]), true);
  assert.equal(carriesFiles(["text/plain", "text/uri-list"]), false);
});

test("a file over the limit never seems to be as large as the limit", () => {
  const limit = 5 * 1024 * 1024;
  assert.equal(sizeText(1), "1 KiB");
  assert.equal(sizeText(limit / 5), "1 MiB");
  assert.equal(sizeText(limit), "5 MiB");
  assert.equal(sizeText(limit + 1), "5.1 MiB");
  assert.equal(limitMib(limit), 5);
  assert.equal(limitMib(1_000_000), 0.9);
});
