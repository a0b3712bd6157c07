/** The dialog with the room's address for others: its QR code, the address to copy, and the way to the join page. */

import { getJson, Refusal } from "../http.js";
import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { copyText } from "./copy_text.js";

export default class Share {
  #room;
  #dialog = /** @type {HTMLDialogElement} */ (byId("share"));
  #address = byId("share-url");
  #state = part(this.#dialog, "state");

  /** @param {string} room */
  constructor(room) {
    this.#room = room;
    this.#dialog.querySelector('[data-action="close"]')?.addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
    this.#dialog.querySelector('[data-action="copy"]')?.addEventListener("click", () => this.#copy());
  }

  /** Ask anew each time: the laptop that runs the server may have changed networks. */
  async open() {
    this.#state.textContent = "";
    this.#dialog.showModal();
    try {
      this.#show(await getJson(`/room/${this.#room}/share`));
    } catch (failure) {
      this.#state.textContent = failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
  }

  close() {
    this.#dialog.close();
  }

  /** @param {{url: string, code: string, local: boolean}} address */
  #show({ url, code, local }) {
    const image = part(this.#dialog, "code");
    /** @type {HTMLImageElement} */ (image).src = code;
    image.hidden = part(this.#dialog, "what").hidden = local;
    part(this.#dialog, "local").hidden = !local;
    this.#address.textContent = url;
  }

  async #copy() {
    const copied = await copyText(this.#address.textContent ?? "", this.#dialog);
    if (!copied) getSelection()?.selectAllChildren(this.#address);
    this.#state.textContent = t(copied ? "js.share.copied" : "js.share.not_copied");
  }
}
