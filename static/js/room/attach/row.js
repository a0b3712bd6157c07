// @ts-check
/** One image in the preview: looked at before it can be sent, and the place where it is told why it cannot be. */

import { copyOf, part } from "../../parts.js";
import { t } from "../../texts.js";
import { frameOf } from "../pictures/frame.js";
import { STILL } from "../pictures/picture.js";
import { limitMib, sizeText } from "./size.js";
import { troubleWith } from "./trouble.js";

/** @typedef {import("./batch.js").Item} Item */

/** @type {Record<import("./trouble.js").Trouble | "broken", string>} */
const TEXTS = {
  empty: "js.attach.empty",
  too_big: "js.error.gif_too_large.bytes",
  unreadable: "js.attach.unreadable",
  heic: "js.attach.heic",
  not_an_image: "js.error.not_a_gif",
  broken: "js.attach.broken",
};

/** As large as the preview shows one on any screen. */
const STILL_PX = 1024;

export class ItemRow {
  element = copyOf("attachment-template");
  #item;
  #size = part(this.element, "size");
  #address = "";

  /** Resolves when it is known whether it can be sent; `item` tells. */
  looked;

  /**
   * @param {Item} item
   * @param {number} limit_bytes
   * @param {() => void} onRemove
   */
  constructor(item, limit_bytes, onRemove) {
    const { file } = item;
    this.#item = item;
    part(this.element, "name").textContent = file.name;
    this.#size.textContent = sizeText(file.size);
    const button = this.element.querySelector("button");
    button?.setAttribute("aria-label", t("js.attach.remove", { name: file.name }));
    button?.addEventListener("click", onRemove);
    this.looked = this.#look(limit_bytes);
  }

  remove() {
    this.element.remove();
    URL.revokeObjectURL(this.#address);
  }

  /** @param {number} limit_bytes */
  async #look(limit_bytes) {
    const { file } = this.#item;
    const trouble = (await troubleWith(file, limit_bytes)) ?? (await this.#show(file));
    this.#item.trouble = trouble && t(TEXTS[trouble], { limit: limitMib(limit_bytes) });
    this.element.classList.toggle("refused", trouble !== null);
    part(this.element, "trouble").textContent = this.#item.trouble;
  }

  /**
   * @param {File} file
   * @returns {Promise<"broken" | null>}
   */
  async #show(file) {
    if (!this.element.isConnected) return null; // taken out meanwhile
    const picture = /** @type {HTMLImageElement} */ (part(this.element, "picture"));
    this.#address = URL.createObjectURL(file);
    const drawn = await new Promise((resolve) => {
      picture.addEventListener("load", () => resolve(true));
      picture.addEventListener("error", () => resolve(false));
      picture.src = this.#address;
    });
    if (!drawn) return "broken";
    this.#item.width = picture.naturalWidth;
    this.#item.height = picture.naturalHeight;
    this.#size.textContent = `${picture.naturalWidth} × ${picture.naturalHeight} · ${sizeText(file.size)}`;
    if (matchMedia(STILL).matches) picture.replaceWith(frameOf(picture, STILL_PX));
    else picture.hidden = false;
    return null;
  }
}
