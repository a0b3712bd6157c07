/** What a drop or the clipboard carries, read out once: after its event it is empty. */

import { nameOf } from "../pictures/address.js";

/** @typedef {import("./transfer.js").Carried} Carried */

/**
 * @param {DataTransfer} data
 * @returns {Carried}
 */
export function carried(data) {
  // Made so, it loads no image and runs no script.
  const { body } = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
  for (const element of body.querySelectorAll("script, style")) element.remove();
  return {
    files: [...data.files],
    text: data.getData("text/plain").trim(),
    links: linksIn(data),
    words: body.textContent?.trim() ?? "",
    images: Array.from(body.querySelectorAll("img"), (image) => ({ src: sourceOf(image), alt: image.alt })),
  };
}

/** @param {DataTransfer} data */
function linksIn(data) {
  const lines = (/** @type {string} */ type) => data.getData(type).split(/[\r\n]+/).filter(Boolean);
  const links = lines("text/uri-list").filter((line) => !line.startsWith("#")); // RFC 2483, section 5
  // Firefox's own: an address and its title in turn.
  return links.length ? links : lines("text/x-moz-url").filter((_, at) => at % 2 === 0);
}

/**
 * @param {HTMLImageElement} image of another document; what a room showed of it may have been its still
 * @returns {string} an address of one of ours, if there is any on it, else its own
 */
function sourceOf(image) {
  const src = image.getAttribute("src") ?? "";
  const stills = [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("img[data-poster]"))];
  const shown = stills.find(({ dataset }) => new URL(dataset.poster ?? "", location.href).href === src);
  const link = image.closest("a")?.getAttribute("href");
  const candidates = [src, absolute(image.dataset.gif, src), link, absolute(shown?.dataset.gif, src)];
  return candidates.find((address) => address && nameOf(address, location.href)) ?? src;
}

/**
 * @param {string | undefined} address
 * @param {string} base an address on the page that it stood on, which need not be this server's
 */
function absolute(address, base) {
  try {
    return new URL(address ?? "", base).href;
  } catch {
    return null;
  }
}
