// @ts-check
/** Images on their way to the server: shown at once, one request each, sent again when their writer asks. */

import { Refusal, upload } from "../http.js";
import { nonce as newNonce } from "../nonce.js";
import { problemText, t } from "../texts.js";

/** @typedef {import("./conversation.js").Conversation} Conversation */

const MIB = 1024 * 1024;

/** Refusals of the file itself: the same file will not be taken another time. */
const OF_THE_FILE = new Set(["not_a_gif", "gif_too_large", "no_file"]);

export class Uploads {
  #room;
  #user;
  #limit_bytes;
  #conversation;
  /** @type {Map<string, {file: File, preview: string}>} by nonce */
  #files = new Map();

  /**
   * @param {string} room
   * @param {string} user one's own colour
   * @param {number} limit_bytes
   * @param {Conversation} conversation
   */
  constructor(room, user, limit_bytes, conversation) {
    this.#room = room;
    this.#user = user;
    this.#limit_bytes = limit_bytes;
    this.#conversation = conversation;
  }

  /** Whether there are images that are no records yet. */
  get pending() {
    return this.#files.size > 0;
  }

  /** @param {File} file */
  add(file) {
    const nonce = newNonce();
    const preview = URL.createObjectURL(file);
    this.#files.set(nonce, { file, preview });
    const createdAt = new Date().toISOString();
    this.#conversation.pend({ nonce, user: this.#user, createdAt, chat: file.name || "GIF", preview });
    if (file.size > this.#limit_bytes) {
      const mib = Math.floor((this.#limit_bytes / MIB) * 10) / 10;
      this.#conversation.fail(nonce, t("js.error.gif_over_limit", { mib }), false);
    } else {
      this.#send(nonce, file);
    }
  }

  /**
   * @param {string} nonce
   * @returns {boolean} whether it was one of these
   */
  retry(nonce) {
    const upload = this.#files.get(nonce);
    if (!upload) return false;
    this.#conversation.retry(nonce);
    this.#send(nonce, upload.file);
    return true;
  }

  /** @param {string} nonce it has become a record, or was given up */
  forget(nonce) {
    const upload = this.#files.get(nonce);
    if (upload) URL.revokeObjectURL(upload.preview);
    this.#files.delete(nonce);
  }

  /**
   * @param {string} nonce
   * @param {File} file
   */
  async #send(nonce, file) {
    const form = new FormData();
    form.append("nonce", nonce); // before the file: the server reads the body as it comes
    form.append("gif", file);
    try {
      const record = await upload(`/room/${this.#room}/gif`, form, (done) => this.#conversation.progress(nonce, done));
      this.#conversation.receive([{ ...record, nonce }]);
    } catch (failure) {
      const problem = failure instanceof Refusal ? failure.problem : null;
      const text = problem ? problemText(problem) : t("js.error.network");
      this.#conversation.fail(nonce, text, !OF_THE_FILE.has(problem?.error ?? ""));
    }
  }
}
