/** Reads a drop's or the clipboard's data. It must be read during the event: afterwards it is empty. */

import { fileNameOf } from "../pictures/address.js";

/** @typedef {import("./transfer.js").TransferContent} TransferContent */

/**
 * @param {DataTransfer} data
 * @returns {TransferContent}
 */
export function readTransfer(data) {
  // A parsed document loads no images and runs no scripts.
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
  // Firefox's format: addresses and titles on alternating lines.
  return links.length ? links : lines("text/x-moz-url").filter((_, at) => at % 2 === 0);
}

/**
 * @param {HTMLImageElement} image from the HTML; a room may have shown its still
 * @returns {string} an address of one of our images if the element has one, else its `src`
 */
function sourceOf(image) {
  const src = image.getAttribute("src") ?? "";
  const stills = [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("img[data-poster]"))];
  const shown = stills.find(({ dataset }) => new URL(dataset.poster ?? "", location.href).href === src);
  const link = image.closest("a")?.getAttribute("href");
  const candidates = [src, absolute(image.dataset.gif, src), link, absolute(shown?.dataset.gif, src)];
  return candidates.find((address) => address && fileNameOf(address, location.href)) ?? src;
}

/**
 * @param {string | undefined} address
 * @param {string} base an address of the page it came from, which may be another server's
 */
function absolute(address, base) {
  try {
    return new URL(address ?? "", base).href;
  } catch {
    return null;
  }
}
