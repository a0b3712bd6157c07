/** The links to the pages before and after this one, and where one is. They are hidden while there is but one page. */

import { t } from "../texts.js";

/** @typedef {import("./page.js").Range} Range */

export class Pager {
  #nav;

  /** @param {HTMLElement} nav */
  constructor(nav) {
    this.#nav = nav;
  }

  /** @param {Range | null} range null: what is shown is no page */
  show(range) {
    const { first, last, total, newer, older } = range ?? { first: 0, last: 0, total: 0, newer: 0, older: 0 };
    this.#nav.hidden = !newer && !older;
    if (!range) return;
    this.#link("prev", newer);
    this.#link("next", older);
    const text = t("js.lobby.range", { first: first + 1, last, total });
    const shown = this.#nav.querySelector(".range");
    if (shown && shown.textContent !== text) shown.textContent = text;
  }

  /**
   * @param {string} rel
   * @param {number} number of the page; 0: there is none
   */
  #link(rel, number) {
    const link = /** @type {HTMLAnchorElement} */ (this.#nav.querySelector(`[rel="${rel}"]`));
    link.hidden = !number;
    if (number) link.href = `/?page=${number}`;
  }
}
