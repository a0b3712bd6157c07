/** What a drop or the clipboard means for the chat. Pure. */

import { nameOf } from "../pictures/address.js";

/**
 * @typedef {object} Carried
 * @property {File[]} files
 * @property {string} text plain
 * @property {string[]} links addresses of what is dragged
 * @property {string} words the text of its HTML
 * @property {{src: string, alt: string}[]} images those of its HTML
 *
 * @typedef {import("./batch.js").Given} Given
 */

const ADDRESS = /^(https?|file):\S+$/;
const PICTURE = /^data:image\/(gif|webp|png|jpeg);base64,(.+)$/;

/** Of these another page's script, or another program's file, is all that knows what they are. */
const OUT_OF_REACH = /^(file|blob):/;

/** Addresses of images that surely do not move. */
const PHOTO = /\.jpe?g(?:[?#]|$)/i;

/**
 * The images that whoever pastes this means to send.
 *
 * A picture copied in a browser comes with HTML that tells its address, and as a PNG of one frame whatever it was; one
 * copied in a file manager comes with its name or address as text. A piece of a document, or a table, comes with a
 * picture of itself: there the text is meant.
 * @param {Carried} carried
 * @param {string} page the address of this page
 * @returns {Given[]} none when it is to be pasted as text
 */
export function pasted({ files, text, words, images }, page) {
  const known = [...files.map((file) => file.name), ...images.map(({ alt }) => alt.trim())];
  const tellsOfImages = (/** @type {string} */ line) => ADDRESS.test(line) || known.includes(line);
  if (text !== "" && !text.split(/\s*\n\s*/).every(tellsOfImages)) return [];
  const ours = words === "" ? ourImages(images.map(({ src }) => src), page) : [];
  // One file is a still of the one image; of several it is no image of any.
  if (ours.length) return ours.map((name) => ({ name, file: ours.length === 1 ? files[0] : undefined }));
  const still = images.some(({ src }) => !PHOTO.test(src));
  return files.map((file) => ({ file, still: still && file.type === "image/png" }));
}

/**
 * What whoever drops this onto the page, and not into a field, means.
 * @param {Carried} carried
 * @param {string} page the address of this page
 * @returns {{images: Given[], text: string, lost: boolean}} `text` is to be written; `lost`: there was something, and
 *   the browser does not hand it over
 */
export function dropped({ files, text, links, words, images }, page) {
  const nothing = { images: [], text: "", lost: false };
  const sources = words === "" ? images.map(({ src }) => src) : []; // else of a text, or of a link that they adorn
  const ours = [sources, links].map((all) => ourImages(all, page)).find((names) => names.length);
  if (ours?.length) return { ...nothing, images: ours.map((name) => ({ name })) };
  if (files.length) return { ...nothing, images: files.map((file) => ({ file })) };
  const written = [...sources, ...links].map(fileOf).find((file) => file);
  if (written) return { ...nothing, images: [{ file: written }] };
  if (!links.length) return { ...nothing, text };
  const within = links.filter((link) => !OUT_OF_REACH.test(link));
  return { ...nothing, text: within.join("\n"), lost: within.length < links.length };
}

/**
 * @param {string[]} addresses
 * @param {string} page
 * @returns {string[]} their names, when all are of images of this server
 */
function ourImages(addresses, page) {
  const names = addresses.flatMap((address) => nameOf(address, page) ?? []);
  return names.length === addresses.length ? names : [];
}

/**
 * @param {string} address
 * @returns {File | null} the image that is written out in its address, as search engines do it
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
