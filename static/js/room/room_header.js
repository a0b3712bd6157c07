/** The page's heading: the room's title, its marks, and how many members it has and may have. */

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
  #sign;
  /** The count of this page's own list. @type {number | undefined} */
  #members;

  /**
   * The room's current settings.
   * @type {RoomSettings}
   */
  room;

  /**
   * @param {HTMLElement} page
   * @param {import("./tab_sign.js").TabSign} sign
   */
  constructor(page, sign) {
    this.#sign = sign;
    this.#lock = part(page, "private");
    this.#kept = part(page, "kept");
    this.room = {
      title: this.#heading.textContent ?? "",
      max: Number(page.dataset.max),
      password: !this.#lock.hidden,
      kept: !this.#kept.hidden,
    };
    new ResizeObserver(() => this.#showWhetherCut()).observe(this.#heading);
  }

  /** @param {Room} room */
  show({ title, max, password, kept, members }) {
    const renamed = title !== this.room.title;
    this.room = { title, max, password, kept };
    if (renamed) {
      this.#heading.textContent = title;
      this.#showWhetherCut();
    }
    this.#sign.name(t("js.room.page_title", { title }));
    this.#lock.hidden = !password;
    this.#kept.hidden = !kept;
    // Until this page has joined and has its own list, use the server's count.
    this.#showCount(this.#members ?? members);
  }

  /** @param {number} members */
  count(members) {
    this.#members = members;
    this.#showCount(members);
  }

  /** A title that does not fit can be read in a tooltip, and is shown whole while it has the focus. */
  #showWhetherCut() {
    const heading = this.#heading;
    if (heading === document.activeElement) return;
    const cut = heading.scrollWidth > heading.clientWidth;
    heading.title = cut ? this.room.title : "";
    if (cut) heading.tabIndex = 0;
    else heading.removeAttribute("tabindex");
  }

  /** @param {number} members */
  #showCount(members) {
    this.#count.textContent = t("js.room.members", { members, max: this.room.max });
  }
}
