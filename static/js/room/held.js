/** Shows what the reader has said and the teacher must see first: a line for them alone, until that is decided. */

import { t } from "../texts.js";
import { addressOf } from "./pictures/address.js";

/**
 * @typedef {import("../wire.js").Held} HeldMessage
 * @typedef {import("./conversation.js").Conversation} Conversation
 */

export default class Held {
  #room;
  #user;
  #conversation;
  /** The nonce of each, by its id. @type {Map<string, string>} */
  #nonces = new Map();

  /**
   * @param {string} room
   * @param {string} user the reader's colour
   * @param {Conversation} conversation
   */
  constructor(room, user, conversation) {
    this.#room = room;
    this.#user = user;
    this.#conversation = conversation;
  }

  /** @param {HeldMessage} held */
  add({ held, room, nonce = `held-${held}`, createdAt, chat, gif, poster, width, height, re }) {
    if (room !== this.#room) return;
    this.#nonces.set(held, nonce);
    const preview = gif && addressOf(poster ?? gif);
    this.#conversation.hold({ nonce, user: this.#user, createdAt, chat, preview, width, height, re }, t("js.held.waiting"));
  }

  /** @param {{held: string, shown: boolean}} decided its record, if it is shown, has arrived */
  done({ held, shown }) {
    const nonce = this.#nonces.get(held);
    this.#nonces.delete(held);
    if (nonce !== undefined && !shown) this.#conversation.fail(nonce, t("js.held.dropped"), false);
  }

  /** @param {HeldMessage[]} now all of them, when what was missed has arrived */
  joined(now) {
    const waiting = new Set(now.map(({ held }) => held));
    for (const held of [...this.#nonces.keys()]) if (!waiting.has(held)) this.done({ held, shown: false });
    for (const one of now) this.add(one);
  }
}
