// Attaching images, without a page. Run by test_models.py.

import assert from "node:assert/strict";
import test from "node:test";

import { Batch } from "../../static/js/room/attach/batch.js";
import { kindOf } from "../../static/js/room/attach/kinds.js";
import { limitMib, sizeText } from "../../static/js/room/attach/size.js";
import { dropped, pasted } from "../../static/js/room/attach/transfer.js";
import { troubleWith } from "../../static/js/room/attach/trouble.js";

const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The first bytes of a file → its type. */
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

test("files the server would refuse are recognised before they are sent", async () => {
  const gif = `GIF89a${".".repeat(94)}`;
  assert.equal(await troubleWith(new Blob([gif]), 100), null);
  assert.equal(await troubleWith(new Blob([gif]), 99), "too_big");
  assert.equal(await troubleWith(new Blob([bytes(`\x00\x00\x00\x18ftypheic${"x".repeat(200)}`)]), 100), "heic");
  assert.equal(await troubleWith(new Blob(["<html>"]), 100), "not_an_image");
  assert.equal(await troubleWith(new Blob([]), 100), "empty");
  const folder = { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotFoundError")) }) };
  assert.equal(await troubleWith(folder, 100), "unreadable");
});

test("a batch holds ten images, and removed ones make room for others", () => {
  const batch = new Batch();
  const files = Array.from({ length: 12 }, (_, number) => ({ file: { name: `${number}` } }));
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

const PAGE = "http://127.0.0.1:8000/room/0123456789abcdef01234567";
const OURS = "0123456789abcdef0123456789abcdef.gif";
const SRC = `http://127.0.0.1:8000/gif/${OURS}`;

/** The data of a drop or of the clipboard. */
function carried({ names = [], type = "image/png", text = "", links = [], words = "", images = [] }) {
  const files = names.map((name) => ({ name, type }));
  return { files, text, links, words, images: images.map(([src, alt = ""]) => ({ src, alt })) };
}

/** How an image is written in the tables: its name on the server, its file, and whether it is a still. */
const shown = ({ name, file, still }) =>
  [name && `=${name}`, file?.name, still && "still"].filter(Boolean).join(" ");

/** Contents of the clipboard, and the images to attach. */
const CLIPBOARDS = [
  ["a screenshot", { names: ["image.png"] }, ["image.png"]],
  ["a picture, copied in Safari", { names: ["image.png"], text: "https://example.test/a.png" }, ["image.png"]],
  ["two files, copied in a file manager", { names: ["a b.gif", "c.png"], text: "a b.gif\nc.png" }, ["a b.gif", "c.png"]],
  [
    "their addresses",
    { names: ["a.gif", "c.png"], text: "file:///home/x/a.gif\r\nfile:///home/x/c.png", links: ["file:///home/x/a.gif"] },
    ["a.gif", "c.png"],
  ],
  ["a table, which has a picture of itself", { names: ["image.png"], text: "a\tb\n1\t2", words: "ab12" }, []],
  ["a paragraph with an address in it", { names: ["image.png"], text: "see https://example.test/" }, []],
  ["text", { text: "text", words: "text" }, []],
  ["nothing", {}, []],
  // Copied from a page: the HTML names the original.
  ["one of ours, in Chromium", { names: ["image.png"], images: [[SRC]] }, [`=${OURS} image.png`]],
  ["one of ours, with its words", { names: ["image.png"], text: "a cat", images: [[SRC, "a cat"]] }, [`=${OURS} image.png`]],
  ["one of ours, as a selection without a PNG", { text: "a cat", images: [[SRC, "a cat"]] }, [`=${OURS}`]],
  ["one of the shelf, standing still", { names: ["image.png"], images: [["/static/shelf/clap.poster.webp"]] }, ["=clap.gif image.png"]],
  ["two of ours", { names: ["image.png"], images: [[SRC], ["/static/shelf/clap.gif"]] }, [`=${OURS}`, "=clap.gif"]],
  ["one of ours, within text", { text: "look: a cat", words: "look:", images: [[SRC, "a cat"]] }, []],
  ["an image of somewhere else", { names: ["image.png"], images: [["https://example.test/a.gif"]] }, ["image.png still"]],
  ["an image of another server's", { names: ["image.png"], images: [[SRC.replace("8000", "9000")]] }, ["image.png still"]],
  ["no image of ours, though it looks so", { names: ["image.png"], images: [["/gif/../room"]] }, ["image.png still"]],
  ["ours and another", { names: ["image.png"], images: [[SRC], ["https://example.test/a.gif"]] }, ["image.png still"]],
  ["a photo", { names: ["image.png"], images: [["https://example.test/a.JPG?w=9"]] }, ["image.png"]],
  ["an image of a document", { names: ["image.png"], text: "", images: [["file:///C:/clip_image001.gif"]] }, ["image.png still"]],
  ["a file, not made anew", { names: ["a.gif"], type: "image/gif", images: [["https://example.test/a.gif"]] }, ["a.gif"]],
];

for (const [what, carries, meant] of CLIPBOARDS) {
  test(`pasted: ${what}`, () => {
    assert.deepEqual(pasted(carried(carries), PAGE).map(shown), meant);
  });
}

const LINK = "https://example.test/a?b=1";
const PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** Data dropped onto the page: the images to attach, else the text to insert, else whether it is lost. */
const DROPS = [
  ["files", { names: ["a.gif", "b.gif"] }, ["a.gif", "b.gif"]],
  ["files of a file manager", { names: ["a.gif"], text: "file:///a.gif", links: ["file:///a.gif"] }, ["a.gif"]],
  ["text", { text: "끌어온 글", words: "끌어온 글" }, "끌어온 글"],
  ["a link", { text: LINK, links: [LINK], words: "its title" }, LINK],
  ["a bookmark without text", { links: [LINK] }, LINK],
  ["two links", { links: [LINK, "mailto:a@b.test"] }, `${LINK}\nmailto:a@b.test`],
  ["an image of elsewhere, in Firefox", { text: LINK, links: [LINK], images: [[LINK]] }, LINK],
  ["an image of elsewhere, in Chromium", { names: ["a.gif"], links: [LINK], images: [[LINK]] }, ["a.gif"]],
  ["one of ours, in Firefox", { text: SRC, links: [SRC], images: [[SRC]] }, [`=${OURS}`]],
  ["one of ours, in Chromium", { names: ["a.png"], links: [SRC], images: [[SRC]] }, [`=${OURS}`]],
  ["a still of one of ours, in the link to it", { links: [SRC], images: [[SRC.replace(".gif", ".poster.webp")]] }, [`=${OURS}`]],
  ["a link to one of ours", { text: SRC, links: [SRC], words: "its title" }, [`=${OURS}`]],
  ["text with one of ours in it", { text: "look", words: "look", images: [[SRC]] }, "look"],
  ["an image in its own address", { text: PIXEL, links: [PIXEL], images: [[PIXEL]] }, ["image.gif"]],
  ["a link with such a picture in it", { text: LINK, links: [LINK], images: [[PIXEL]], words: "title" }, LINK],
  ["an address that is no image", { text: "data:image/gif;base64,!", links: ["data:image/gif;base64,!"] }, "data:image/gif;base64,!"],
  ["a file that the browser only names", { text: "file:///a.gif", links: ["file:///a.gif"] }, "lost"],
  ["a page's own object", { links: ["blob:https://example.test/0"] }, "lost"],
  ["nothing that is known here", {}, ""],
];

for (const [what, carries, meant] of DROPS) {
  test(`dropped: ${what}`, () => {
    const { images, text, lost } = dropped(carried(carries), PAGE);
    assert.deepEqual(images.length ? images.map(shown) : lost ? "lost" : text, meant);
  });
}

test("the size of a file over the limit is never rounded down to the limit", () => {
  const limit = 5 * 1024 * 1024;
  assert.equal(sizeText(1), "1 KiB");
  assert.equal(sizeText(limit / 5), "1 MiB");
  assert.equal(sizeText(limit), "5 MiB");
  assert.equal(sizeText(limit + 1), "5.1 MiB");
  assert.equal(limitMib(limit), 5);
  assert.equal(limitMib(1_000_000), 0.9);
});
