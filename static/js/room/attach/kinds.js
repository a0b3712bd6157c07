/** Detects a file's format by its first bytes; its name and declared type may be wrong. Pure. */

/** How many bytes are examined. */
export const HEAD_BYTES = 12;

/** @type {["gif" | "webp" | "png" | "jpeg" | "heic", RegExp][]} one character per byte */
const SIGNS = [
  ["gif", /^GIF8[79]a/],
  ["webp", /^RIFF.{4}WEBP/s],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: part of the PNG signature
  ["png", /^\x89PNG\r\n\x1a\n/],
  ["jpeg", /^\xff\xd8\xff/],
  // ISO 14496-12: an `ftyp` box with a brand; these are the registered HEIF brands that phones write.
  ["heic", /^.{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)/s],
];

/**
 * @param {Uint8Array} head the first HEAD_BYTES of a file, or all of a shorter one
 * @returns {"gif" | "webp" | "png" | "jpeg" | "heic" | null} null for anything else
 */
export function kindOf(head) {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? null;
}
