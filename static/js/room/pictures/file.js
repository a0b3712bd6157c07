/** An image's size in the viewer, and the name of its download. Pure. */

/** How far a small image is enlarged at most. */
const MAX_SCALE = 4;

/**
 * @param {number} width
 * @param {number} height
 * @param {{width: number, height: number}} available
 * @returns {{width: number, height: number}} whole pixels, with the image's aspect ratio, at least 1
 */
export function sizeWithin(width, height, available) {
  const scale = Math.min(MAX_SCALE, available.width / width, available.height / height);
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/**
 * @param {string} address
 * @param {string} createdAt ISO 8601
 * @returns {string} `gifchat-2026-01-31-153012.gif`: when it was sent, in the reader's time zone
 */
export function fileName(address, createdAt) {
  const moment = new Date(createdAt);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join("");
  return `gifchat-${day}-${clock}${address.slice(address.lastIndexOf("."))}`;
}
