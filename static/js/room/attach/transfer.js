/** Decides what a drop or a paste sends. Pure. */

import { fileNameOf } from "../pictures/address.js";

/**
 * @typedef {object} TransferContent
 * @property {File[]} files
 * @property {string} text text/plain
 * @property {string[]} links addresses from text/uri-list
 * @property {string} words the text in text/html
 * @property {{src: string, alt: string}[]} images the images in text/html
 *
 * @typedef {import("./batch.js").Source} Source
 */

const ADDRESS = /^(https?|file):\S+$/;
const PICTURE = /^data:image\/(gif|webp|png|jpeg);base64,(.+)$/;

/** Addresses that only another page or another program can resolve. */
const OUT_OF_REACH = /^(file|blob):/;

/** Addresses of images that cannot be animated. */
const PHOTO = /\.jpe?g(?:[?#]|$)/i;

/**
 * The images to send for a paste.
 *
 * An image copied in a browser comes with HTML that contains its address, and as a PNG of one frame whatever its
 * format. A file copied in a file manager comes with its name or address as text. Part of a document or a table comes
 * with a picture of itself: there the text is meant.
 * @param {TransferContent} carried
 * @param {string} page the address of this page
 * @returns {Source[]} empty when it should be pasted as text
 */
export function pasted({ files, text, words, images }, page) {
  const known = [...files.map((file) => file.name), ...images.map(({ alt }) => alt.trim())];
  const namesImages = (/** @type {string} */ line) => ADDRESS.test(line) || known.includes(line);
  if (text !== "" && !text.split(/\s*\n\s*/).every(namesImages)) return [];
  const ours = words === "" ? ourImages(images.map(({ src }) => src), page) : [];
  // With one image, the file is its still; with several, it belongs to none of them.
  if (ours.length) return ours.map((name) => ({ name, file: ours.length === 1 ? files[0] : undefined }));
  const still = images.some(({ src }) => !PHOTO.test(src));
  return files.map((file) => ({ file, still: still && file.type === "image/png" }));
}

/**
 * What a drop on the page, outside a field, means.
 * @param {TransferContent} carried
 * @param {string} page the address of this page
 * @returns {{images: Source[], text: string, lost: boolean}} `text` goes into the composer; `lost`: there was something
 *   that the browser does not hand over
 */
export function dropped({ files, text, links, words, images }, page) {
  const nothing = { images: [], text: "", lost: false };
  const sources = words === "" ? images.map(({ src }) => src) : []; // with words, the images belong to a text or a link
  const ours = [sources, links].map((all) => ourImages(all, page)).find((names) => names.length);
  if (ours?.length) return { ...nothing, images: ours.map((name) => ({ name })) };
  if (files.length) return { ...nothing, images: files.map((file) => ({ file })) };
  const inlined = [...sources, ...links].map(fileOf).find((file) => file);
  if (inlined) return { ...nothing, images: [{ file: inlined }] };
  if (!links.length) return { ...nothing, text };
  const usable = links.filter((link) => !OUT_OF_REACH.test(link));
  return { ...nothing, text: usable.join("\n"), lost: usable.length < links.length };
}

/**
 * @param {string[]} addresses
 * @param {string} page
 * @returns {string[]} the images' names; empty unless all addresses are of this server's images
 */
function ourImages(addresses, page) {
  const names = addresses.flatMap((address) => fileNameOf(address, page) ?? []);
  return names.length === addresses.length ? names : [];
}

/**
 * @param {string} address
 * @returns {File | null} the image that a `data:` address contains, as search engines use them
 */
function fileOf(address) {
  const [, kind, content] = PICTURE.exec(address) ?? [];
  if (!kind) return null;
  try {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    return new File([bytes], `image.${kind}`, { type: `image/${kind}` });
  } catch {
    return null;
  }
}
