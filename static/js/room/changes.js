/** Asks the server to change a record. Everybody in the room, the sender included, gets the result as an `update`. */

import { problemText, t } from "../texts.js";

/**
 * @typedef {import("../wire.js").ChangeAnswer} ChangeAnswer
 * @typedef {import("./link.js").RoomLink} RoomLink
 */

export class Changes {
  #room;
  #link;

  /**
   * @param {string} room
   * @param {RoomLink} link
   */
  constructor(room, link) {
    this.#room = room;
    this.#link = link;
  }

  /**
   * @param {string} _id
   * @param {string} emoji
   * @param {boolean} on whether to add or remove it
   */
  react(_id, emoji, on) {
    return this.#ask("react", { _id, emoji, on });
  }

  /**
   * @param {string} _id
   * @param {string} chat
   */
  edit(_id, chat) {
    return this.#ask("edit", { _id, chat });
  }

  /** @param {string} _id */
  delete(_id) {
    return this.#ask("delete", { _id });
  }

  /**
   * @param {"react" | "edit" | "delete"} event
   * @param {object} argument
   * @returns {Promise<string | null>} what went wrong, for people
   */
  async #ask(event, argument) {
    const answer = await this.#link.ask(event, { room: this.#room, ...argument });
    if (answer === null) return t("js.error.network");
    return answer.ok ? null : problemText(answer);
  }
}
