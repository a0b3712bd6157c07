/**
 * One image in its figure, in whatever state: moving or still, broken or mended.
 *
 * The markup is templates/partials/message.html's. An image that moves has both addresses on it, its own and that of
 * its poster (its first frame, of the same size), and plays or stops by showing one or the other.
 */

import { part } from "../../parts.js";
import { t } from "../../texts.js";
import { addressOf } from "./address.js";
import { frameOf } from "./frame.js";

/** For `matchMedia`: the reader does not want to see things move. */
export const STILL = "(prefers-reduced-motion: reduce)";

const PREVIEW_PX = 640;

/** @typedef {Required<Pick<import("../../wire.js").ChatRecord, "gif" | "width" | "height">> & {poster?: string}} RecordImage */

/**
 * Fill an empty figure. It shows the poster until somebody says that it plays.
 * @param {HTMLElement} figure
 * @param {RecordImage} gif
 */
export function fillPicture(figure, { gif, width, height, poster }) {
  const image = imageOf(figure);
  const address = addressOf(gif);
  part(figure, "open").setAttribute("href", address);
  makePlace(figure, width, height);
  if (poster === undefined) {
    part(figure, "play").remove();
    image.src = address;
  } else {
    image.dataset.gif = address;
    image.src = image.dataset.poster = addressOf(poster);
  }
}

/**
 * Show an image that is being sent.
 * @param {HTMLElement} figure
 * @param {string} address
 * @param {{width?: number, height?: number}} size its pixels, if they are known
 */
export function previewPicture(figure, address, { width, height }) {
  part(figure, "play").remove();
  if (width && height) makePlace(figure, width, height);
  const image = imageOf(figure);
  if (matchMedia(STILL).matches) {
    const unseen = new Image();
    unseen.src = address;
    unseen.decode().then(
      () => (image.src = frameOf(unseen, PREVIEW_PX).toDataURL()),
      () => (image.src = address), // where it fails as it would have
    );
  } else {
    image.src = address;
  }
}

/** @param {HTMLElement} figure @returns {boolean} whether there is anything to play */
export const moves = (figure) => imageOf(figure).dataset.gif !== undefined;

/**
 * Let an image that moves play, or stop.
 * @param {HTMLElement} figure
 * @param {boolean} playing
 */
export function turn(figure, playing) {
  if (broken(figure)) return;
  const image = imageOf(figure);
  const { gif = "", poster = "" } = image.dataset;
  const source = playing ? gif : poster;
  // Given the same source again, it would begin anew.
  if (image.getAttribute("src") !== source) image.src = source;
}

/**
 * Let the button tell what it will do.
 * @param {HTMLElement} figure of an image that moves
 * @param {boolean} wanted whether it is to play, be it in view or not
 */
export function showWanted(figure, wanted) {
  const button = part(figure, "play");
  button.hidden = false;
  button.classList.toggle("stops", wanted);
  button.setAttribute("aria-label", t(wanted ? "js.picture.stop" : "js.picture.play"));
}

/**
 * Whether two figures show one image, in whatever state they are.
 * @param {Element} figure
 * @param {Element} other
 */
export function samePicture(figure, other) {
  const [address, others] = [figure, other].map((it) => it.matches(".picture") && it.querySelector("a")?.getAttribute("href"));
  return Boolean(address) && address === others;
}

/** @param {HTMLElement} figure */
export const broken = (figure) => figure.classList.contains("broken");

/**
 * Say that the image cannot be shown. Its place stays as large as it was.
 * @param {HTMLElement} figure
 */
export function breakOff(figure) {
  const image = imageOf(figure);
  image.dataset.broken = image.getAttribute("src") ?? "";
  // A browser's own sign for a broken image has a size of its own.
  const [width, height] = ["width", "height"].map((name) => image.getAttribute(name) ?? 1);
  const blank = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`;
  image.src = `data:image/svg+xml,${encodeURIComponent(blank)}`;
  figure.classList.add("broken");
  part(figure, "missing").hidden = false;
}

/**
 * Try again to show what could not be shown.
 * @param {HTMLElement} figure
 */
export function mend(figure) {
  if (!broken(figure)) return;
  const image = imageOf(figure);
  figure.classList.remove("broken");
  part(figure, "missing").hidden = true;
  image.src = image.dataset.broken ?? "";
  delete image.dataset.broken;
}

/** @param {HTMLElement} figure */
export function imageOf(figure) {
  return /** @type {HTMLImageElement} */ (part(figure, "image"));
}

/**
 * The size before the source, so that the page does not jump when the image comes.
 * @param {HTMLElement} figure
 * @param {number} width
 * @param {number} height
 */
function makePlace(figure, width, height) {
  const image = imageOf(figure);
  figure.classList.toggle("portrait", height > width);
  image.width = width;
  image.height = height;
}
