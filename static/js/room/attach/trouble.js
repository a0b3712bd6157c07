/** Finds what the server would refuse before it is sent. */

import { HEAD_BYTES, kindOf } from "./kinds.js";

/** @typedef {"empty" | "too_big" | "unreadable" | "heic" | "not_an_image"} Trouble */

/**
 * @param {Blob} file
 * @param {number} limit_bytes
 * @returns {Promise<Trouble | null>} why it cannot be sent, judging by its size and its first bytes
 */
export async function troubleWith(file, limit_bytes) {
  const head = await read(file.slice(0, HEAD_BYTES));
  if (!head) return "unreadable"; // a folder, or a file that was removed or may not be read
  if (!head.length) return "empty";
  const kind = kindOf(head);
  if (kind === "heic") return "heic";
  if (kind === null) return "not_an_image";
  return file.size > limit_bytes ? "too_big" : null;
}

/** @param {Blob} file */
export async function readable(file) {
  return (await read(file.slice(0, 1))) !== null;
}

/** @param {Blob} blob */
async function read(blob) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch {
    return null;
  }
}
