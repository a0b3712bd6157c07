/** The ways an image gets into the chat: by the button, dropped or pasted, and then always by way of the preview. */

import { t } from "../../texts.js";
import { seemsAddressed } from "../whisper_command.js";
import { carried } from "./carried.js";
import { Drop } from "./drop.js";
import { Preview } from "./preview.js";
import { dropped, pasted } from "./transfer.js";

/**
 * @typedef {import("../composer.js").Composer} Composer
 * @typedef {import("../draft.js").Draft} Draft
 * @typedef {import("../recipient.js").Recipient} Recipient
 * @typedef {import("../reply.js").Reply} Reply
 * @typedef {import("../uploads.js").Uploads} Uploads
 * @typedef {import("./batch.js").Given} Given
 * @typedef {import("./transfer.js").Carried} Carried
 */

export class Attach {
  #composer;
  #recipient;
  #preview;

  /**
   * @param {number} limit_bytes
   * @param {Composer} composer
   * @param {Recipient} recipient
   * @param {Reply} reply
   * @param {Uploads} uploads
   * @param {Draft} kept
   */
  constructor(limit_bytes, composer, recipient, reply, uploads, kept) {
    this.#composer = composer;
    this.#recipient = recipient;
    this.#preview = new Preview({
      limit_bytes,
      whispering: () => this.#whispering,
      onSend(items, caption) {
        // One caption for all: with the first one it is read before the others come.
        for (const [place, { name, file, width = 0, height = 0 }] of items.entries()) {
          const chat = (place === 0 && caption) || undefined;
          const re = reply.take(undefined);
          if (name) uploads.again({ name, width, height }, { chat, re });
          else if (file) uploads.add(file, { width, height, chat, re });
        }
      },
      onWriting: (caption) => kept.keep({ caption }),
      onCancel: (caption) => composer.giveBack(caption),
    });
    new Drop(
      () => this.#welcome,
      (data, intoField) => this.#drop(data, intoField),
    );
    addEventListener("paste", (event) => {
      const data = event.clipboardData;
      const images = data && this.#welcome ? pasted(carried(data), location.href) : [];
      if (!images.length) return;
      event.preventDefault();
      this.offer(images);
    });
  }

  /** Whether something is about to be sent. */
  get open() {
    return this.#preview.open;
  }

  /** @param {Given[]} images */
  offer(images) {
    if (!images.length) return;
    // A message that was begun goes with the image. Not so a whisper: everybody sees an image.
    this.#preview.offer(images, this.open || this.#whispering ? "" : this.#composer.take());
  }

  close() {
    this.#preview.close();
  }

  /**
   * @param {Carried} data
   * @param {boolean} intoField
   */
  #drop(data, intoField) {
    const { images, text, lost } = dropped(data, location.href);
    this.offer(images);
    if (images.length || intoField) return images.length > 0;
    // Behind the preview nobody would see it.
    if (text && !this.open) this.#composer.append(text);
    if (lost) this.#composer.tell(t("js.attach.lost"));
    return true;
  }

  get #whispering() {
    return this.#recipient.user !== undefined || seemsAddressed(this.#composer.draft);
  }

  /** Not while another dialog asks for something. */
  get #welcome() {
    return !this.#composer.closed && !document.querySelector("dialog[open]:not(#preview)");
  }
}
