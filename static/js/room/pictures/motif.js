/**
 * What an image shows, in words. It is known of those that come from the shelf: their names begin with their names there.
 * The words are loaded when the page is idle (motifs.js).
 */

import { t } from "../../texts.js";
import { tell } from "../../who.js";

const FROM_SHELF = /^([a-z-]+)-[0-9a-f]{32}\./;

/** @param {string} [gif] a record's image @returns {string | undefined} */
function motifOf(gif = "") {
  const key = `js.motif.${FROM_SHELF.exec(gif)?.[1]}`;
  const text = t(key);
  return text === key ? undefined : text;
}

/** @param {string} [gif] a record's image @returns {string} what stands for it where it cannot be shown */
export function pictureText(gif) {
  const motif = motifOf(gif);
  return motif === undefined ? t("js.quote.picture") : t("js.quote.motif", { motif });
}

/**
 * Describe an image to those who cannot see it.
 * @param {HTMLElement} image
 * @param {string | undefined} gif its name, if it is known
 * @param {string} user who has sent it
 */
export function describe(image, gif, user) {
  const motif = motifOf(gif);
  if (motif !== undefined) image.dataset.motif = motif;
  tell(image, motif === undefined ? "js.picture" : "js.picture.motif", user);
}
