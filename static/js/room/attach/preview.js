/** The dialog that shows the images about to be sent, which of them can be, and their caption. */

import { byId, part } from "../../parts.js";
import { keptText } from "../../text.js";
import { t } from "../../texts.js";
import { tooLong } from "../composer.js";
import { sendByEnter } from "../keyboard.js";
import { mayBeWhisper } from "../whisper_command.js";
import { Batch, MAX_IMAGES } from "./batch.js";
import { ItemRow } from "./row.js";

/**
 * @typedef {import("./batch.js").Source} Source
 * @typedef {import("./batch.js").Item} Item
 *
 * @typedef {object} Sender
 * @property {number} limit_bytes
 * @property {() => boolean} whispering whether the composer is set to whisper
 * @property {(items: Item[], caption: string) => void} onSend
 * @property {(caption: string) => void} onWriting
 * @property {(caption: string) => void} onCancel
 */

export default class Preview {
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
  /** Resolves when all images have been inspected. */
  #inspected = Promise.resolve();
  #sender;

  /** @param {Sender} sender */
  constructor(sender) {
    this.#sender = sender;
    // By Escape. The event comes later, when the dialog may have been opened again.
    this.#dialog.addEventListener("close", () => this.open || this.#closed());
    this.#dialog.querySelector('[data-action="cancel"]')?.addEventListener("click", () => this.close());
    this.#dialog.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#caption.addEventListener("input", () => {
      this.#showNote("");
      sender.onWriting(this.#caption.value);
    });
    sendByEnter(this.#caption, () => {
      // A text meant as a whisper must not go to everybody by the key that would have whispered it.
      if (this.#sender.whispering()) this.#button.focus();
      else this.#send();
    });
  }

  get open() {
    return this.#dialog.open;
  }

  /**
   * Show these in addition to those already shown.
   * @param {Source[]} images
   * @param {string} [caption] initial text, if the dialog was closed
   */
  offer(images, caption = "") {
    const { added, left } = this.#batch.add(images);
    for (const item of added) this.#add(item);
    this.#showNote(left ? t("js.attach.too_many", { most: MAX_IMAGES, left }) : "");
    this.#changed();
    if (!this.open) {
      this.#write(caption);
      this.#dialog.showModal();
      // On a touch screen, focusing the field would open the keyboard over half of the images.
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
    this.#inspected = Promise.all([this.#inspected, row.inspected]).then(() => this.#changed());
  }

  /** @param {Item} item */
  #remove(item) {
    this.#batch.remove(item);
    this.#rows.get(item)?.remove();
    this.#rows.delete(item);
    this.#showNote("");
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

  /** @param {string} text what is wrong with the batch as a whole */
  #showNote(text) {
    this.#note.textContent = text;
  }

  async #send() {
    const batch = this.#batch;
    // Also wait for images that are added in the meantime.
    for (let inspected; inspected !== this.#inspected; await inspected) inspected = this.#inspected;
    const { good } = batch;
    const caption = keptText(this.#caption.value);
    if (!this.open || batch !== this.#batch || !good.length) return;
    const wrong = mayBeWhisper(caption) ? t("js.attach.no_whisper") : tooLong(caption);
    if (wrong) return this.#showNote(wrong);
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
    this.#batch = new Batch(); // a #send in progress must not send the next batch
    this.#write("");
  }

  /** @param {string} caption */
  #write(caption) {
    this.#caption.value = caption;
    this.#sender.onWriting(caption);
  }
}
