/**
 * Sends messages and whispers: stored in the outbox, shown at once, and delivered over the socket. Without one, a
 * message (not a whisper) is posted by HTTP.
 */

import { Refusal, postJson } from "../http.js";
import { nonce as newNonce } from "../nonce.js";
import { problemText, t } from "../texts.js";
import { Queue } from "./queue.js";

/**
 * @typedef {import("../wire.js").SentAnswer} SentAnswer
 * @typedef {import("./conversation.js").Conversation} Conversation
 * @typedef {import("./link.js").RoomLink} RoomLink
 * @typedef {import("./outbox.js").Letter} Letter
 * @typedef {import("./outbox.js").Outbox} Outbox
 */

export class Letters {
  #room;
  #user;
  #outbox;
  #link;
  #conversation;
  #queue;

  /**
   * @param {string} room
   * @param {string} user the visitor's own colour
   * @param {Outbox} outbox
   * @param {RoomLink} link
   * @param {Conversation} conversation
   */
  constructor(room, user, outbox, link, conversation) {
    this.#room = room;
    this.#user = user;
    this.#outbox = outbox;
    this.#link = link;
    this.#conversation = conversation;
    this.#queue = new Queue({
      deliver: (nonce, signal) => this.#deliver(nonce, signal),
      onWaiting: (nonce, problem) => problem?.error === "frozen" && conversation.underway(nonce, t("js.silence.waiting")),
      onRefused: (nonce, problem) => this.#refused(nonce, problemText(problem)),
    });
    for (const letter of outbox.all()) this.#show(letter);
  }

  /** @param {Pick<Letter, "chat" | "to" | "re">} said */
  write(said) {
    this.#show(this.#outbox.write(newNonce(), said, Date.now()));
    this.#send();
  }

  /** The room has been joined, perhaps again: restart, since a request over the lost network would only time out. */
  joined() {
    this.#queue.restart();
    this.#send();
  }

  /** @param {string} nonce */
  retry(nonce) {
    this.#outbox.retry(nonce);
    this.#conversation.retry(nonce);
    this.#send();
  }

  /** @param {string} nonce of a letter that has become a record or was discarded */
  forget(nonce) {
    this.#outbox.remove(nonce);
    this.#queue.settle(nonce);
  }

  /** Give up all letters: there is no room to send them to. */
  close() {
    this.#outbox.clear();
    this.#send();
  }

  /** In the order of writing: a refused letter that is retried keeps its place. */
  #send() {
    this.#queue.arrange(this.#outbox.waiting());
  }

  /** @param {Letter} letter */
  #show({ nonce, chat, to, re, at, failure }) {
    this.#conversation.pend({ nonce, user: this.#user, createdAt: new Date(at).toISOString(), chat, to, re });
    if (failure !== undefined) this.#conversation.fail(nonce, failure, true);
  }

  /**
   * @param {string} nonce
   * @param {string} text
   */
  #refused(nonce, text) {
    this.#outbox.fail(nonce, text);
    this.#conversation.fail(nonce, text, true);
  }

  /**
   * @param {string} nonce
   * @param {AbortSignal} signal
   */
  async #deliver(nonce, signal) {
    const letter = this.#outbox.get(nonce);
    if (!letter) return;
    await this.#post(letter, signal);
    this.#outbox.remove(nonce);
  }

  /**
   * @param {Letter} letter
   * @param {AbortSignal} signal
   */
  async #post({ nonce, chat, to, re, at }, signal) {
    const said = { chat, nonce, re: re?._id };

    const answer = /** @type {SentAnswer | import("../wire.js").Refused | null} */ (
      await this.#link.ask(to ? "whisper" : "chat", { room: this.#room, to, ...said })
    );
    if (answer?.ok && answer.held) return; // its line says so (held.js)
    if (answer?.ok) {
      const { _id, seq } = answer;
      if (seq > this.#link.seq) return this.#conversation.acknowledge(nonce, seq);
      // An earlier attempt arrived but its answer was lost; the record may have been sent while the page was offline.
      const createdAt = new Date(at).toISOString();
      const record = { _id, seq, room: this.#room, user: this.#user, createdAt, chat, to, re, nonce };
      return this.#conversation.receive([record]);
    }
    if (answer) throw new Refusal(answer);
    if (to) throw new Error("no answer, and a whisper cannot be posted");
    signal.throwIfAborted(); // the queue has restarted
    const record = await postJson(`/room/${this.#room}/chat`, said);
    if (!record.held) this.#conversation.receive([{ ...record, nonce }]);
  }
}
