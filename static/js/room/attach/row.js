/** One image in the preview: inspected before it can be sent, with the reason if it cannot be. */

import { copyOf, part } from "../../parts.js";
import { t } from "../../texts.js";
import { addressOf } from "../pictures/address.js";
import { frameOf } from "../pictures/frame.js";
import { limitMib, sizeText } from "./size.js";
import { troubleWith } from "./trouble.js";

/** @typedef {import("./batch.js").Item} Item */

/** @type {Record<import("./trouble.js").Trouble | "broken" | "gone", string>} */
const TEXTS = {
  empty: "js.attach.empty",
  too_big: "js.error.gif_too_large.bytes",
  unreadable: "js.attach.unreadable",
  heic: "js.attach.heic",
  not_an_image: "js.error.not_a_gif",
  broken: "js.attach.broken",
  gone: "js.attach.gone",
};

/** The largest size at which the preview shows an image on any screen. */
const STILL_PX = 1024;

export class ItemRow {
  element = copyOf("attachment-template");
  #item;
  #size = part(this.element, "size");
  #address = "";
  #removed = false;

  /** Resolves when `item.trouble` is set. */
  inspected;

  /**
   * @param {Item} item
   * @param {number} limit_bytes
   * @param {() => void} onRemove
   */
  constructor(item, limit_bytes, onRemove) {
    const { name, file } = item;
    this.#item = item;
    const shown = name ? t("js.attach.ours") : (file?.name ?? "");
    part(this.element, "name").textContent = shown;
    this.#size.textContent = name || !file ? "" : sizeText(file.size);
    const button = this.element.querySelector("button");
    button?.setAttribute("aria-label", t("js.attach.remove", { name: shown }));
    button?.addEventListener("click", onRemove);
    this.inspected = this.#inspect(limit_bytes);
  }

  remove() {
    this.#removed = true;
    this.element.remove();
    URL.revokeObjectURL(this.#address);
  }

  /** @param {number} limit_bytes */
  async #inspect(limit_bytes) {
    const trouble = await this.#troubleWith(this.#item, limit_bytes);
    this.#item.trouble = trouble && t(TEXTS[trouble], { limit: limitMib(limit_bytes) });
    this.element.classList.toggle("refused", trouble !== null);
    part(this.element, "trouble").textContent = this.#item.trouble;
    part(this.element, "still").hidden = trouble !== null || !this.#item.still;
  }

  /**
   * @param {Item} item
   * @param {number} limit_bytes
   * @returns {Promise<keyof typeof TEXTS | null>}
   */
  async #troubleWith(item, limit_bytes) {
    if (item.name && (await this.#show(addressOf(item.name)))) return null;
    const { file } = item;
    if (!file) return "gone";
    if (item.name) {
      // The server no longer has it, and the file that came with its address is a single frame.
      item.name = undefined;
      item.still = true;
      part(this.element, "name").textContent = file.name;
    }
    const trouble = await troubleWith(file, limit_bytes);
    if (trouble || this.#removed) return trouble;
    this.#address = URL.createObjectURL(file);
    return (await this.#show(this.#address, sizeText(file.size))) ? null : "broken";
  }

  /**
   * @param {string} address
   * @param {string} [size] of its file
   * @returns {Promise<boolean>} whether it could be shown
   */
  async #show(address, size) {
    if (this.#removed) return true;
    const picture = /** @type {HTMLImageElement} */ (part(this.element, "picture"));
    const drawn = await new Promise((resolve) => {
      picture.addEventListener("load", () => resolve(true));
      picture.addEventListener("error", () => resolve(false));
      picture.src = address;
    });
    if (!drawn) return false;
    this.#item.width = picture.naturalWidth;
    this.#item.height = picture.naturalHeight;
    this.#size.textContent = [`${picture.naturalWidth} × ${picture.naturalHeight}`, ...(size ? [size] : [])].join(" · ");
    // What may move stands still: nobody has looked for flashes in it yet.
    if (this.#item.file?.type === "image/jpeg") picture.hidden = false;
    else picture.replaceWith(frameOf(picture, STILL_PX));
    return true;
  }
}
