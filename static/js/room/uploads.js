/**
 * Sends images: each is shown at once, and its line shows its progress until it is a record. New images are uploaded;
 * images that the server already has are sent by name. Loaded when an image is first chosen, or before that when idle.
 */

import { warnBeforeLeaving } from "../depart.js";
import { Refusal, postJson } from "../http.js";
import { nonce as newNonce } from "../nonce.js";
import { problemText, t } from "../texts.js";
import { readable } from "./attach/trouble.js";
import { addressOf } from "./pictures/address.js";
import { Queue } from "./queue.js";
import { upload } from "./upload.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("../wire.js").Problem} Problem
 * @typedef {import("../wire.js").Quote} Quote
 * @typedef {import("./conversation.js").Conversation} Conversation
 *
 * @typedef {object} Gif an image that the server already has, in a room or on its shelf.
 * @property {string} name
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {string} [poster] the name of its still
 * @property {true} [flashes] it must not play by itself
 *
 * @typedef {object} Job
 * @property {Queue} queue
 * @property {(signal: AbortSignal) => Promise<ChatRecord>} deliver
 * @property {string} [chat] its caption
 * @property {() => void} [release] frees the preview
 */

/** Refusals of the image itself, so that a retry is pointless. */
const FINAL = new Set(["not_a_gif", "gif_too_large", "too_large", "no_file", "not_found", "unreadable"]);

export default class Uploads {
  #address;
  #user;
  #conversation;
  /** @type {Map<string, Job>} by nonce, including failed ones */
  #jobs = new Map();
  #files;
  /** A queue of its own, so that images sent by name never wait for an upload. */
  #names;
  #lost = false;

  /**
   * @param {string} room
   * @param {string} user the visitor's own colour
   * @param {Conversation} conversation
   */
  constructor(room, user, conversation) {
    this.#address = `/room/${room}/gif`;
    this.#user = user;
    this.#conversation = conversation;
    const carrier = {
      deliver: (/** @type {string} */ nonce, /** @type {AbortSignal} */ signal) => this.#deliver(nonce, signal),
      onWaiting: (/** @type {string} */ nonce, /** @type {Problem | undefined} */ problem) =>
        conversation.underway(nonce, t(problem?.error === "frozen" ? "js.silence.waiting" : "js.upload.waiting")),
      onSending: (/** @type {string} */ nonce) => conversation.underway(nonce, t("js.sending")),
      onUnanswered: (/** @type {string} */ nonce) => conversation.underway(nonce, t("js.upload.offline")),
      onRefused: (/** @type {string} */ nonce, /** @type {Problem} */ problem) => this.#refused(nonce, problem),
    };
    this.#files = new Queue(carrier);
    // Sending a name takes no time: a cancel button would only flash.
    this.#names = new Queue({ ...carrier, onSending: (nonce) => conversation.retry(nonce) });
  }

  /** Whether there are images that are not records yet, including failed ones. */
  get pending() {
    return this.#jobs.size > 0;
  }

  /** Whether any is being sent or waiting. */
  get underway() {
    return !this.#files.empty || !this.#names.empty;
  }

  /**
   * Upload an image.
   * @param {File} file
   * @param {{width?: number, height?: number, chat?: string, re?: Quote}} [details] size in pixels, caption, and what
   *   it answers
   */
  add(file, { width, height, chat, re } = {}) {
    const preview = URL.createObjectURL(file);
    this.#begin(
      (nonce) => ({
        queue: this.#files,
        chat,
        release: () => URL.revokeObjectURL(preview),
        deliver: (signal) => this.#upload(nonce, file, { chat, re: re?._id }, signal),
      }),
      { chat, preview, moves: file.type !== "image/jpeg", width, height, re },
    );
  }

  /**
   * Send an image that the server already has.
   * @param {Gif} gif
   * @param {{chat?: string, re?: Quote}} [details] caption, and what it answers
   */
  sendStored({ name, width, height, poster }, { chat, re } = {}) {
    this.#begin(
      (nonce) => ({
        queue: this.#names,
        chat,
        deliver: () => postJson(this.#address, { name, chat, nonce, re: re?._id }),
      }),
      { chat, preview: addressOf(poster ?? name), width, height, re },
    );
  }

  /**
   * @param {string} nonce of a failed image
   * @returns {boolean} whether there is such an image
   */
  retry(nonce) {
    const job = this.#jobs.get(nonce);
    if (!job) return false;
    job.queue.add(nonce);
    this.#changed();
    return true;
  }

  /** @param {string} nonce of an image to give up; if it is being sent, that is aborted */
  cancel(nonce) {
    this.#jobs.get(nonce)?.queue.cancel(nonce);
    this.forget(nonce);
  }

  /** @param {string} nonce of an image that has become a record */
  forget(nonce) {
    const job = this.#jobs.get(nonce);
    job?.queue.settle(nonce);
    job?.release?.();
    this.#jobs.delete(nonce);
    this.#changed();
  }

  lost() {
    this.#lost = true;
  }

  /** What waited until everybody may say something again is sent. */
  thaw() {
    for (const queue of [this.#files, this.#names]) queue.restart();
  }

  /** The room has been joined again: restart, since a request over the lost network would only time out. */
  joined() {
    if (!this.#lost) return;
    this.#lost = false;
    for (const queue of [this.#files, this.#names]) queue.restart();
  }

  /**
   * Give up all images: there is no room to send them to.
   * @returns {string[]} the unsent captions
   */
  close() {
    const captions = [...this.#jobs.values()].flatMap(({ chat }) => chat ?? []);
    for (const nonce of [...this.#jobs.keys()]) {
      this.cancel(nonce);
      this.#conversation.discard(nonce);
    }
    return captions;
  }

  /**
   * @param {(nonce: string) => Job} job
   * @param {{chat?: string, preview: string, moves?: boolean, width?: number, height?: number, re?: Quote}} shown
   */
  #begin(job, shown) {
    const nonce = newNonce();
    this.#conversation.pend({ nonce, user: this.#user, createdAt: new Date().toISOString(), ...shown });
    this.#jobs.set(nonce, job(nonce));
    this.#jobs.get(nonce)?.queue.add(nonce);
    this.#changed();
  }

  /**
   * @param {string} nonce
   * @param {AbortSignal} signal
   */
  async #deliver(nonce, signal) {
    const record = await this.#jobs.get(nonce)?.deliver(signal);
    // Of what is held, the line says so (held.js).
    if (record && !("held" in record)) this.#conversation.receive([{ ...record, nonce }]);
  }

  /**
   * @param {string} nonce
   * @param {File} file
   * @param {{chat?: string, re?: string}} texts
   * @param {AbortSignal} signal
   * @returns {Promise<ChatRecord>}
   */
  async #upload(nonce, file, texts, signal) {
    const form = new FormData();
    // Before the file: the server reads the body as a stream.
    for (const [name, text] of Object.entries({ nonce, ...texts })) if (text) form.append(name, text);
    form.append("gif", file);
    const onProgress = (/** @type {number} */ done) => {
      this.#conversation.underway(nonce, t("js.sending"));
      this.#conversation.progress(nonce, done);
    };
    try {
      return await upload(this.#address, form, { signal, onProgress });
    } catch (failure) {
      // Without an answer it is retried; a file that was changed or removed would be retried for ever.
      if (failure instanceof Refusal || (await readable(file))) throw failure;
      throw new Refusal({ error: "unreadable", message: t("js.attach.unreadable") });
    }
  }

  /**
   * @param {string} nonce
   * @param {Problem} problem
   */
  #refused(nonce, problem) {
    this.#conversation.fail(nonce, problemText(problem), !FINAL.has(problem.error));
    this.#changed();
  }

  #changed() {
    warnBeforeLeaving("images", this.underway);
  }
}
