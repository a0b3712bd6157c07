#!/bin/sh
# gif.js allocates pages of 4,096 bytes and does not trim the last one, so up to 4,095 zeros follow the trailer of every
# GIF.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" gif.js@0.2.0 >/dev/null
cd "$folder"
node - <<'PROGRAM'
Object.defineProperty(globalThis, "navigator", { value: { userAgent: "", platform: "" } });
const GIF = require("gif.js/dist/gif.js");
const Encoder = require("gif.js/src/GIFEncoder.js");

// The same as its worker, which does not run in Node.js.
const encoder = new Encoder(8, 8);
encoder.writeHeader();
encoder.addFrame(new Uint8Array(8 * 8 * 4).fill(200));
encoder.finish();
const stream = encoder.stream();
const part = { data: stream.pages, cursor: stream.cursor, pageSize: stream.constructor.pageSize };

const gif = Object.create(GIF.prototype);
gif.options = {};
gif.imageParts = [part];
gif.emit = async (event, blob, bytes) => {
  if (event !== "finished") return;
  const trailer = part.cursor - 1;
  const zeros = bytes.subarray(trailer + 1).every((byte) => byte === 0);
  console.log(`gif.js 0.2.0: ${bytes.length} bytes, the trailer at ${trailer}, only zeros behind it: ${zeros}`);
  process.exitCode = blob.size === 4096 && bytes[trailer] === 0x3b && zeros ? 0 : 1;
};
process.exitCode = 1;
gif.finishRendering();
PROGRAM
