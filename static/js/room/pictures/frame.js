/** One frame of an image, drawn anew. */

/**
 * @param {HTMLImageElement} image that has loaded
 * @param {number} [most] pixels, of its longer side
 * @returns {HTMLCanvasElement} as it stands; of one that moves and was never shown, the first frame
 */
export function frameOf(image, most = Infinity) {
  const { naturalWidth, naturalHeight } = image;
  const scale = Math.min(1, most / Math.max(naturalWidth, naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(naturalHeight * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
