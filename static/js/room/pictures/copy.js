/** Copies an image, or at least its address: browsers allow the clipboard only on secure pages. */

import { copyText } from "../copy_text.js";
import { frameOf } from "./frame.js";

/** Whether the image itself can be copied here. */
export const copiesImages = () => typeof navigator.clipboard?.write === "function" && "ClipboardItem" in window;

/**
 * @param {HTMLImageElement} image
 * @param {string} address
 * @param {HTMLElement} place for the field; nothing outside an open modal dialog can be selected
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
    // As browsers do it: the PNG is a still, and the HTML has the address of the original.
    const source = document.createElement("img");
    source.src = address;
    const html = new Blob([source.outerHTML], { type: "text/html" });
    // Pass a promise: Safari requires the item to be created synchronously in the click handler.
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
