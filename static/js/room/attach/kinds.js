/** What a file is, by the bytes it begins with; its name and its declared type may say anything. Pure. */

/** As many as are looked at. */
export const HEAD_BYTES = 12;

/** @type {["gif" | "webp" | "png" | "jpeg" | "heic", RegExp][]} a byte is one character */
const SIGNS = [
  ["gif", /^GIF8[79]a/],
  ["webp", /^RIFF.{4}WEBP/s],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: one of the bytes that every PNG begins with
  ["png", /^\x89PNG\r\n\x1a\n/],
  ["jpeg", /^\xff\xd8\xff/],
  // ISO 14496-12: a box `ftyp` with the brand; these are the brands of HEIF's registry that phones write.
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
