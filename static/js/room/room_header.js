/** What the page says of the room as a whole: its title, its lock, how many are here and may be. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";

/**
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("./patch.js").RoomSettings} RoomSettings
 */

export class RoomHeader {
  #heading = byId("title");
  #lock;
  #kept;
  #count = byId("members");
  /** How many were counted here. @type {number | undefined} */
  #members;

  /**
   * The room as it is.
   * @type {RoomSettings}
   */
  room;

  /** @param {HTMLElement} page */
  constructor(page) {
    this.#lock = part(page, "private");
    this.#kept = part(page, "kept");
    this.room = {
      title: this.#heading.textContent ?? "",
      max: Number(page.dataset.max),
      password: !this.#lock.hidden,
      kept: !this.#kept.hidden,
    };
  }

  /** @param {Room} room */
  show({ title, max, password, kept, members }) {
    this.room = { title, max, password, kept };
    this.#heading.textContent = title;
    document.title = t("js.room.page_title", { title });
    this.#lock.hidden = !password;
    this.#kept.hidden = !kept;
    // Told before this page has joined, and so before it knows who is here.
    this.#say(this.#members ?? members);
  }

  /** @param {number} members how many are here */
  count(members) {
    this.#members = members;
    this.#say(members);
  }

  /** @param {number} members */
  #say(members) {
    this.#count.textContent = t("js.room.members", { members, max: this.room.max });
  }
}
