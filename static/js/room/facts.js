// @ts-check
/** What the page says of the room as a whole: its title, its lock, how many are here and may be. */

import { byId, part } from "../parts.js";
import { t } from "../texts.js";

/** @typedef {import("./patch.js").Settings} Settings */

export class Facts {
  #heading = byId("title");
  #lock;
  #count = byId("members");
  #members = 0;

  /**
   * The room as it is.
   * @type {Settings}
   */
  room;

  /** @param {HTMLElement} page */
  constructor(page) {
    this.#lock = part(page, "private");
    this.room = {
      title: this.#heading.textContent ?? "",
      max: Number(page.dataset.max),
      password: !this.#lock.hidden,
    };
  }

  /** @param {Settings} room */
  show({ title, max, password }) {
    this.room = { title, max, password };
    this.#heading.textContent = title;
    document.title = t("js.room.page_title", { title });
    this.#lock.hidden = !password;
    this.count(this.#members);
  }

  /** @param {number} members how many are here */
  count(members) {
    this.#members = members;
    this.#count.textContent = t("js.room.members", { members, max: this.room.max });
  }
}
