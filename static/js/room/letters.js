/**
 * What is said and whispered: written into the outbox, shown at once, and delivered by the socket or, without one and
 * unless it is a whisper, by a request.
 */

import { Refusal, postJson } from "../http.js";
import { nonce as newNonce } from "../nonce.js";
import { problemText } from "../texts.js";
import { Sender } from "./sender.js";

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
  #sender;
  /** Gives up the request under way. */
  #giveUp = () => {};

  /**
   * @param {string} room
   * @param {string} user one's own colour
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
    this.#sender = new Sender(
      outbox,
      (letter) => this.#deliver(letter),
      (nonce, problem) => this.#refused(nonce, problemText(problem)),
    );
    for (const letter of outbox.all()) this.#show(letter);
  }

  /** @param {{chat: string, to?: string}} said */
  write(said) {
    this.#show(this.#outbox.write(newNonce(), said, Date.now()));
    this.wake();
  }

  /** The room has been joined, again perhaps: a request over a network that is gone would only be waited for. */
  joined() {
    this.#giveUp();
    this.wake();
  }

  /** Send what waits. */
  wake() {
    this.#sender.wake();
  }

  /** @param {string} nonce */
  retry(nonce) {
    this.#outbox.retry(nonce);
    this.#conversation.retry(nonce);
    this.wake();
  }

  /** @param {Letter} letter */
  #show({ nonce, chat, to, at, failure }) {
    this.#conversation.pend({ nonce, user: this.#user, createdAt: new Date(at).toISOString(), chat, to });
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

  /** @param {Letter} letter */
  async #deliver({ nonce, chat, to, at }) {
    const answer = /** @type {SentAnswer | import("../wire.js").Refused | null} */ (
      await this.#link.ask(to ? "whisper" : "chat", { room: this.#room, to, chat, nonce })
    );
    if (answer?.ok) {
      const { _id, seq } = answer;
      if (seq > this.#link.seq) return this.#conversation.acknowledge(nonce, seq);
      // Said already, and not answered then; the record may have been told while this page was not listening.
      const createdAt = new Date(at).toISOString();
      return this.#conversation.receive([{ _id, seq, room: this.#room, user: this.#user, createdAt, chat, to, nonce }]);
    }
    if (answer) throw new Refusal(answer);
    if (to) throw new Error("no answer, and no other way for a whisper");
    const record = await Promise.race([postJson(`/room/${this.#room}/chat`, { chat, nonce }), this.#givenUp()]);
    this.#conversation.receive([{ ...record, nonce }]);
  }

  /** @returns {Promise<never>} */
  #givenUp() {
    return new Promise((_, reject) => (this.#giveUp = () => reject(new Error("there is a socket now"))));
  }
}
