/** Takes images from the button, a drop or the clipboard, and shows them in the preview before they are sent. */

import { Later } from "../../later.js";
import { preventDropNavigation } from "../../stay.js";
import { t } from "../../texts.js";
import { mayBeWhisper } from "../whisper_command.js";

/**
 * @typedef {import("../composer.js").Composer} Composer
 * @typedef {import("../draft.js").Draft} Draft
 * @typedef {import("../recipient.js").Recipient} Recipient
 * @typedef {import("../reply.js").Reply} Reply
 * @typedef {import("../uploads.js").default} Uploads
 * @typedef {import("./batch.js").Source} Source
 */

export class Attach {
  #composer;
  #recipient;
  #preview;
  /** What the preview is to show, once it is loaded. @type {Source[]} */
  #offered = [];
  /** Aborted when drops and pastes are taken. */
  #receiving = new AbortController();

  /**
   * @param {number} limit_bytes
   * @param {Composer} composer
   * @param {Recipient} recipient
   * @param {Reply} reply
   * @param {Later<typeof import("../uploads.js").default, Uploads>} uploads
   * @param {Draft} draft
   * @param {() => void} onTrouble the preview cannot be loaded
   */
  constructor(limit_bytes, composer, recipient, reply, uploads, draft, onTrouble) {
    this.#composer = composer;
    this.#recipient = recipient;
    /** @type {import("./preview.js").Sender} */
    const sender = {
      limit_bytes,
      whispering: () => this.#whispering,
      onSend(items, caption) {
        // The caption belongs to all images. It goes with the first, so that it is read before the others arrive.
        for (const [index, { name, file, width = 0, height = 0 }] of items.entries()) {
          const chat = (index === 0 && caption) || undefined;
          const re = reply.take(undefined);
          uploads.use((ready) => {
            if (name) ready.sendStored({ name, width, height }, { chat, re });
            else if (file) ready.add(file, { width, height, chat, re });
          });
        }
      },
      onWriting: (caption) => draft.keep({ caption }),
      onCancel: (caption) => composer.restore(caption),
    };
    this.#preview = new Later(
      "attach",
      () => uploads.load().then(() => import("./preview.js")), // what it shows can be sent at once
      (Preview) => new Preview(sender),
      onTrouble,
    );
    preventDropNavigation(this.#receiving.signal);
  }

  /** Whether the preview is open. */
  get open() {
    return this.#preview.made?.open ?? false;
  }

  /** @param {Source[]} images */
  offer(images) {
    if (!images.length) return;
    this.#offered.push(...images);
    this.load().catch(() => {}); // if it could not be loaded before
    this.#preview.use((preview) => {
      if (this.#composer.closed) return;
      // A message in progress becomes the caption. Not a whisper: everybody sees an image.
      preview.offer(this.#offered.splice(0), this.open || this.#whispering ? "" : this.#composer.take());
    });
  }

  /** Load all of it ahead of time: then images can be taken without the network, and dropped and pasted. */
  async load() {
    const [{ default: receive }] = await Promise.all([import("./receiver.js"), this.#preview.load()]);
    if (this.#receiving.signal.aborted) return;
    this.#receiving.abort();
    receive({
      accepts: () => this.#accepts,
      onImages: (images) => this.offer(images),
      onText: (text) => !this.open && this.#composer.append(text), // the preview would hide it
      onLost: () => this.#composer.showTrouble(t("js.attach.lost")),
    });
  }

  close() {
    this.#preview.made?.close();
  }

  get #whispering() {
    return this.#recipient.user !== undefined || mayBeWhisper(this.#composer.draft);
  }

  /** Whether images are accepted now: not while another dialog is open. */
  get #accepts() {
    return !this.#composer.closed && !document.querySelector("dialog[open]:not(#preview)");
  }
}
