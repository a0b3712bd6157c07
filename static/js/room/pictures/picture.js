/**
 * The states of one image in its figure: playing or still, broken or not.
 *
 * The markup is in templates/partials/message.html. An animated image has two addresses, its own and its poster's (the
 * first frame, of the same size), and plays or stops by switching between them.
 */

import { part } from "../../parts.js";
import { t } from "../../texts.js";
import { addressOf } from "./address.js";
import { frameOf } from "./frame.js";

const PREVIEW_PX = 640;

/** @typedef {Required<Pick<import("../../wire.js").ChatRecord, "gif" | "width" | "height">> & {poster?: string, flashes?: true}} RecordImage */

/**
 * Fill an empty figure. It shows the poster until it is told to play.
 * @param {HTMLElement} figure
 * @param {RecordImage} gif
 */
export function fillPicture(figure, { gif, width, height, poster, flashes }) {
  const image = imageOf(figure);
  const address = addressOf(gif);
  part(figure, "open").setAttribute("href", address);
  reserveSpace(figure, width, height);
  if (poster === undefined) {
    part(figure, "play").remove();
    image.src = address;
  } else {
    figure.classList.add("moving");
    if (flashes) figure.classList.add("flashes");
    else part(figure, "flashing").remove();
    image.dataset.gif = address;
    image.src = image.dataset.poster = addressOf(poster);
  }
}

/**
 * Show an image that is being sent. One that may move stands still: nobody has looked for flashes in it yet.
 * @param {HTMLElement} figure
 * @param {string} address
 * @param {{width?: number, height?: number, moves?: boolean}} details its pixels, if they are known
 */
export function previewPicture(figure, address, { width, height, moves }) {
  part(figure, "play").remove();
  if (width && height) reserveSpace(figure, width, height);
  const image = imageOf(figure);
  if (moves) {
    const unseen = new Image();
    unseen.src = address;
    unseen.decode().then(
      () => (image.src = frameOf(unseen, PREVIEW_PX).toDataURL()),
      () => (image.src = address), // let it fail there
    );
  } else {
    image.src = address;
  }
}

/** @param {HTMLElement} figure @returns {boolean} whether there is anything to play */
export const isAnimated = (figure) => imageOf(figure).dataset.gif !== undefined;

/** @param {HTMLElement} figure @returns {boolean} whether it must not play by itself */
export const flashes = (figure) => figure.classList.contains("flashes");

/**
 * @param {HTMLElement} figure of an animated image
 * @param {boolean} playing
 */
export function setPlaying(figure, playing) {
  if (isBroken(figure)) return;
  const image = imageOf(figure);
  const { gif = "", poster = "" } = image.dataset;
  const source = playing ? gif : poster;
  // Setting the same source again would restart it.
  if (image.getAttribute("src") !== source) image.src = source;
}

/**
 * Label the button with what it will do.
 * @param {HTMLElement} figure of an animated image
 * @param {boolean} wanted whether it should play when it is in view
 */
export function showPlayButton(figure, wanted) {
  const button = part(figure, "play");
  button.hidden = false;
  button.classList.toggle("stops", wanted);
  if (flashes(figure)) part(figure, "flashing-how").textContent = t(wanted ? "js.picture.press_stop" : "js.picture.press_play");
  else button.setAttribute("aria-label", t(wanted ? "js.picture.stop" : "js.picture.play"));
}

/**
 * Whether two figures show the same image, in whatever state.
 * @param {Element} figure
 * @param {Element} other
 */
export function samePicture(figure, other) {
  const [address, others] = [figure, other].map((it) => it.matches(".picture") && it.querySelector("a")?.getAttribute("href"));
  return Boolean(address) && address === others;
}

/** @param {HTMLElement} figure */
export const isBroken = (figure) => figure.classList.contains("broken");

/**
 * Show that the image cannot be loaded, without changing its size.
 * @param {HTMLElement} figure
 */
export function markBroken(figure) {
  const image = imageOf(figure);
  image.dataset.broken = image.getAttribute("src") ?? "";
  // The browser's own icon for a broken image would change the size.
  const [width, height] = ["width", "height"].map((name) => image.getAttribute(name) ?? 1);
  const blank = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"/>`;
  image.src = `data:image/svg+xml,${encodeURIComponent(blank)}`;
  figure.classList.add("broken");
  part(figure, "missing").hidden = false;
}

/**
 * Try again to load an image that failed.
 * @param {HTMLElement} figure
 */
export function reload(figure) {
  if (!isBroken(figure)) return;
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
 * Set the size before the source, so that the layout does not shift when the image loads.
 * @param {HTMLElement} figure
 * @param {number} width
 * @param {number} height
 */
function reserveSpace(figure, width, height) {
  const image = imageOf(figure);
  figure.classList.toggle("portrait", height > width);
  image.width = width;
  image.height = height;
}
