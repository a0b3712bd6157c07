/** Copying an image, or at least where it is: a browser gives its clipboard only to secure pages. */

import { copyText } from "../copy_text.js";
import { frameOf } from "./frame.js";

/** Whether the image itself can be copied here. */
export const copiesImages = () => typeof navigator.clipboard?.write === "function" && "ClipboardItem" in window;

/**
 * @param {HTMLImageElement} image that is shown
 * @param {string} address of it
 * @param {HTMLElement} place for the field; what a modal dialog covers cannot be selected
 * @returns {Promise<"image" | "address" | null>} what was copied
 */
export async function copy(image, address, place) {
  const url = new URL(address, location.href).href;
  if (copiesImages() && (await copyImage(image, url))) return "image";
  return (await copyText(url, place)) ? "address" : null;
}

/**
 * @param {HTMLImageElement} image
 * @param {string} address
 */
async function copyImage(image, address) {
  try {
    if (!image.complete || !image.naturalWidth) return false;
    // As browsers do it: the PNG is a still, and the HTML tells where all of it is.
    const source = document.createElement("img");
    source.src = address;
    const html = new Blob([source.outerHTML], { type: "text/html" });
    // A promise: Safari asks for the item at once, while it is still the press of a button.
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png(image), "text/html": html })]);
    return true;
  } catch {
    return false; // forbidden, or too large
  }
}

/** @param {HTMLImageElement} image @returns {Promise<Blob>} */
function png(image) {
  return new Promise((resolve, reject) =>
    frameOf(image).toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large for a canvas")))),
  );
}
