/** Draws one frame of an image. */

/**
 * @param {HTMLImageElement} image that has loaded
 * @param {number} [max_px] of its longer side
 * @returns {HTMLCanvasElement} its current frame; the first one, if the image was never shown
 */
export function frameOf(image, max_px = Infinity) {
  const { naturalWidth, naturalHeight } = image;
  const scale = Math.min(1, max_px / Math.max(naturalWidth, naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(naturalHeight * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
