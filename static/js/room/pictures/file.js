/** Pure: how large an image is shown, and what its file is called. */

/** As large as this, and no larger, is a small image blown up. */
const TIMES = 4;

/**
 * @param {number} width
 * @param {number} height
 * @param {{width: number, height: number}} room for it
 * @returns {{width: number, height: number}} whole pixels, in the image's own shape, at least one
 */
export function sizeWithin(width, height, room) {
  const scale = Math.min(TIMES, room.width / width, room.height / height);
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

/**
 * @param {string} address
 * @param {string} createdAt ISO 8601
 * @returns {string} `gifchat-2026-01-31-153012.gif`: when it was sent, in the reader's own time
 */
export function fileName(address, createdAt) {
  const moment = new Date(createdAt);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join("");
  return `gifchat-${day}-${clock}${address.slice(address.lastIndexOf("."))}`;
}
