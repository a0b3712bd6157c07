/** The words for what images from the shelf show. */

import { describe } from "./motif.js";

/** @param {HTMLElement} list of lines, some of whose images may have been drawn before the words were there */
export default function useMotifs(list) {
  for (const image of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("img[data-gif]:not([data-motif])"))) {
    const { gif, who = "" } = image.dataset;
    describe(image, gif?.split("/").at(-1), who);
  }
}
