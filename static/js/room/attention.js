/**
 * Calls the reader's attention to what they have not seen: by what the page and its tab show, by sounds and
 * notifications. It connects the parts of that.
 */

import { Later } from "../later.js";
import { byId } from "../parts.js";
import { mentionsReader, recognizeMentions } from "./mention_view.js";
import { SeenStore } from "./seen.js";
import { TabSign } from "./tab_sign.js";
import { UnreadView } from "./unread_view.js";

/** @typedef {import("../wire.js").ChatRecord} ChatRecord */

export class Attention {
  #epoch;
  #seen;

  /** @type {Later<typeof import("./alerts/alerts.js").default, import("./alerts/alerts.js").default>} */
  alerts;

  /** What the page shows. */
  unread;

  /** What the tab shows. */
  sign = new TabSign();

  /**
   * @param {HTMLElement} page
   * @param {import("./list.js").ChatList} lines
   * @param {import("./scroll.js").Scroll} scroll
   * @param {object} stores
   * @param {Storage | null} stores.tab what is kept for this tab
   * @param {Storage | null} stores.browser what is kept for all
   */
  constructor(page, lines, scroll, { tab, browser }) {
    const { room = "", user: me = "", epoch = "", seq } = page.dataset;
    this.#epoch = epoch;
    this.#seen = new SeenStore(tab, room);
    const menu = /** @type {HTMLElement} */ (document.querySelector(".looks"));
    this.alerts = new Later(
      "alerts",
      () => import("./alerts/alerts.js"),
      (Alerts) => new Alerts(browser, room, menu),
      () => {}, // the menu is without it
    );
    menu.addEventListener("toggle", () => this.alerts.use(() => {}));
    recognizeMentions(me, byId("chat-list"));
    this.unread = new UnreadView(lines, scroll, this.sign, { latest: byId("latest"), toMark: byId("to-mark") }, {
      me,
      isToMe: ({ to, chat = "" }) => to === me || mentionsReader(chat),
      onUnseen: (record, toMe) => this.alerts.use((alerts) => alerts.unseen(record, toMe)),
    });
    this.unread.begin(Number(seq), this.#seen.take(epoch));
    addEventListener("visibilitychange", () => document.hidden && this.#keep());
    addEventListener("pagehide", () => this.#keep());
  }

  /**
   * All records are replaced by others.
   * @param {{epoch: string, seq: number}} position up to which none is new
   */
  beginAgain({ epoch, seq }) {
    this.#epoch = epoch;
    this.unread.beginAgain(seq);
  }

  /** This visitor cannot return to the room. */
  end() {
    this.#seen.end();
  }

  #keep() {
    this.#seen.keep({ epoch: this.#epoch, ...this.unread.position });
  }
}
