/**
 * What is said and whispered: written into the outbox, shown at once, and delivered by the socket or, without one and
 * unless it is a whisper, by a request.
 */

import { Refusal, postJson } from "../http.js";
import { nonce as newNonce } from "../nonce.js";
import { problemText } from "../texts.js";
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
    this.#queue = new Queue({
      deliver: (nonce, signal) => this.#deliver(nonce, signal),
      onRefused: (nonce, problem) => this.#refused(nonce, problemText(problem)),
    });
    for (const letter of outbox.all()) this.#show(letter);
  }

  /** @param {Pick<Letter, "chat" | "to" | "re">} said */
  write(said) {
    this.#show(this.#outbox.write(newNonce(), said, Date.now()));
    this.#send();
  }

  /** The room has been joined, again perhaps: a request over a network that is gone would only be waited for. */
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

  /** @param {string} nonce it has become a record, or its writer has given it up */
  forget(nonce) {
    this.#outbox.remove(nonce);
    this.#queue.settle(nonce);
  }

  /** There is nowhere to send anything to any more. */
  close() {
    this.#outbox.clear();
    this.#send();
  }

  /** In the order of writing: what was refused and goes again has its old place. */
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
    await this.#tell(letter, signal);
    this.#outbox.remove(nonce);
  }

  /**
   * @param {Letter} letter
   * @param {AbortSignal} signal
   */
  async #tell({ nonce, chat, to, re, at }, signal) {
    const said = { chat, nonce, re: re?._id };

    const answer = /** @type {SentAnswer | import("../wire.js").Refused | null} */ (
      await this.#link.ask(to ? "whisper" : "chat", { room: this.#room, to, ...said })
    );
    if (answer?.ok) {
      const { _id, seq } = answer;
      if (seq > this.#link.seq) return this.#conversation.acknowledge(nonce, seq);
      // Said already, and not answered then; the record may have been told while this page was not listening.
      const createdAt = new Date(at).toISOString();
      const record = { _id, seq, room: this.#room, user: this.#user, createdAt, chat, to, re, nonce };
      return this.#conversation.receive([record]);
    }
    if (answer) throw new Refusal(answer);
    if (to) throw new Error("no answer, and no other way for a whisper");
    signal.throwIfAborted(); // it goes again already
    const record = await postJson(`/room/${this.#room}/chat`, said);
    this.#conversation.receive([{ ...record, nonce }]);
  }
}
