// @ts-check
/** The ways an image gets into the chat: by the button, dropped or pasted, and then always by way of the preview. */

import { seemsAddressed } from "../address.js";
import { Drop } from "./drop.js";
import { Preview } from "./preview.js";
import { pastedFiles } from "./transfer.js";

/**
 * @typedef {import("../composer.js").Composer} Composer
 * @typedef {import("../draft.js").Draft} Draft
 * @typedef {import("../recipient.js").Recipient} Recipient
 * @typedef {import("../uploads.js").Uploads} Uploads
 */

export class Attach {
  #composer;
  #recipient;
  #preview;

  /**
   * @param {number} limit_bytes
   * @param {Composer} composer
   * @param {Recipient} recipient
   * @param {Uploads} uploads
   * @param {Draft} kept
   */
  constructor(limit_bytes, composer, recipient, uploads, kept) {
    this.#composer = composer;
    this.#recipient = recipient;
    this.#preview = new Preview({
      limit_bytes,
      whispering: () => this.#whispering,
      onSend(items, caption) {
        // One caption for all: with the first one it is read before the others come.
        for (const [place, { file, width, height }] of items.entries()) {
          uploads.add(file, { width, height, chat: (place === 0 && caption) || undefined });
        }
      },
      onWriting: (caption) => kept.keep({ caption }),
      onCancel: (caption) => composer.giveBack(caption),
    });
    new Drop(
      () => this.#welcome,
      (files) => this.offer(files),
    );
    addEventListener("paste", (event) => {
      const files = event.clipboardData && this.#welcome ? pastedFiles(event.clipboardData) : [];
      if (!files.length) return;
      event.preventDefault();
      this.offer(files);
    });
  }

  /** Whether something is about to be sent. */
  get open() {
    return this.#preview.open;
  }

  /** @param {File[]} files */
  offer(files) {
    if (!files.length) return;
    // A message that was begun goes with the image. Not so a whisper: everybody sees an image.
    this.#preview.offer(files, this.open || this.#whispering ? "" : this.#composer.take());
  }

  close() {
    this.#preview.close();
  }

  get #whispering() {
    return this.#recipient.user !== undefined || seemsAddressed(this.#composer.draft);
  }

  /** Not while another dialog asks for something. */
  get #welcome() {
    return !this.#composer.closed && !document.querySelector("dialog[open]:not(#preview)");
  }
}
