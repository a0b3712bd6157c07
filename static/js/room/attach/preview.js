/** The dialog that shows what is about to be sent: what of it can be, and with which caption. */

import { byId, part } from "../../parts.js";
import { keptText } from "../../text.js";
import { t } from "../../texts.js";
import { tooLong } from "../composer.js";
import { sendByEnter } from "../keyboard.js";
import { seemsAddressed } from "../whisper_command.js";
import { Batch, MOST } from "./batch.js";
import { ItemRow } from "./row.js";

/**
 * @typedef {import("./batch.js").Given} Given
 * @typedef {import("./batch.js").Item} Item
 *
 * @typedef {object} Sender
 * @property {number} limit_bytes
 * @property {() => boolean} whispering whether the writer believes to be whispering
 * @property {(items: Item[], caption: string) => void} onSend
 * @property {(caption: string) => void} onWriting
 * @property {(caption: string) => void} onCancel
 */

export class Preview {
  #dialog = /** @type {HTMLDialogElement} */ (byId("preview"));
  #list = part(this.#dialog, "items");
  #everybody = part(this.#dialog, "everybody");
  #hint = part(this.#dialog, "hint");
  #note = part(this.#dialog, "note");
  #caption = /** @type {HTMLTextAreaElement} */ (byId("caption"));
  #button = /** @type {HTMLButtonElement} */ (this.#dialog.querySelector("button[type=submit]"));
  #batch = new Batch();
  /** @type {Map<Item, ItemRow>} */
  #rows = new Map();
  /** Resolves when all that was given has been looked at. */
  #looked = Promise.resolve();
  #sender;

  /** @param {Sender} sender */
  constructor(sender) {
    this.#sender = sender;
    // By Escape. The browser tells of it later, when other images may be shown already.
    this.#dialog.addEventListener("close", () => this.open || this.#closed());
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#dialog.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#caption.addEventListener("input", () => {
      this.#tell("");
      sender.onWriting(this.#caption.value);
    });
    sendByEnter(this.#caption, () => {
      // What is written to be whispered must not go to all by the key that has always whispered it.
      if (this.#sender.whispering()) this.#button.focus();
      else this.#send();
    });
  }

  get open() {
    return this.#dialog.open;
  }

  /**
   * Show these, with those that are shown already.
   * @param {Given[]} images
   * @param {string} [caption] to begin with
   */
  offer(images, caption = "") {
    const { added, left } = this.#batch.add(images);
    for (const item of added) this.#add(item);
    this.#tell(left ? t("js.attach.too_many", { most: MOST, left }) : "");
    this.#changed();
    if (!this.open) {
      this.#write(caption);
      this.#dialog.showModal();
      // On a touch screen a focused field would bring the keyboard up, over half of the images.
      if (matchMedia("(hover: hover)").matches) this.#caption.focus();
      else this.#button.focus();
    }
  }

  close() {
    this.#dialog.close();
    this.#closed();
  }

  /** @param {Item} item */
  #add(item) {
    const row = new ItemRow(item, this.#sender.limit_bytes, () => {
      this.#remove(item);
      if (this.#batch.items.length) this.#button.focus();
      else this.close();
    });
    this.#rows.set(item, row);
    this.#list.append(row.element);
    this.#looked = Promise.all([this.#looked, row.looked]).then(() => this.#changed());
  }

  /** @param {Item} item */
  #remove(item) {
    this.#batch.remove(item);
    this.#rows.get(item)?.remove();
    this.#rows.delete(item);
    this.#tell("");
    this.#changed();
  }

  #changed() {
    const { good, items } = this.#batch;
    const everybody = this.#sender.whispering();
    this.#everybody.hidden = !everybody;
    this.#hint.hidden = good.length < 2;
    this.#button.disabled = items.every(({ trouble }) => trouble);
    if (everybody) this.#button.textContent = t("js.attach.send_everybody");
    else if (good.length > 1) this.#button.textContent = t("js.attach.send_several", { count: good.length });
    else this.#button.textContent = t("js.attach.send");
  }

  /** @param {string} text what is wrong with all of it */
  #tell(text) {
    this.#note.textContent = text;
  }

  async #send() {
    const batch = this.#batch;
    // Also at what is added while the others are looked at.
    for (let looked; looked !== this.#looked; await looked) looked = this.#looked;
    const { good } = batch;
    const caption = keptText(this.#caption.value);
    if (!this.open || batch !== this.#batch || !good.length) return;
    const wrong = seemsAddressed(caption) ? t("js.attach.no_whisper") : tooLong(caption);
    if (wrong) return this.#tell(wrong);
    this.#clear();
    this.close();
    this.#sender.onSend(good, caption);
  }

  #closed() {
    const caption = keptText(this.#caption.value);
    this.#clear();
    if (caption) this.#sender.onCancel(caption);
  }

  #clear() {
    for (const item of this.#batch.items) this.#remove(item);
    this.#batch = new Batch(); // what was to be sent of this one is not to be sent of the next
    this.#write("");
  }

  /** @param {string} caption */
  #write(caption) {
    this.#caption.value = caption;
    this.#sender.onWriting(caption);
  }
}
