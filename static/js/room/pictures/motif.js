/** What an image shows, in words. It is known of those that come from the shelf: their names begin with their names there. */

import { t } from "../../texts.js";

const FROM_SHELF = /^([a-z-]+)-[0-9a-f]{32}\./;

/** @param {string} [gif] a record's image @returns {string | undefined} */
export function motifOf(gif = "") {
  const key = `js.motif.${FROM_SHELF.exec(gif)?.[1]}`;
  const text = t(key);
  return text === key ? undefined : text;
}

/** @param {string} [gif] a record's image @returns {string} what stands for it where it cannot be shown */
export function pictureText(gif) {
  const motif = motifOf(gif);
  return motif === undefined ? t("js.quote.picture") : t("js.quote.motif", { motif });
}
