/** The system's notifications, of which a room has one at a time. */

import { t } from "../../texts.js";

/** @typedef {"insecure" | "unsupported" | "denied"} NoNotices why there can be none */

export class Notices {
  /** @type {Notification | null} */
  #shown = null;
  #room;
  #failed = false;

  /** @param {string} room */
  constructor(room) {
    this.#room = room;
    document.addEventListener("visibilitychange", () => document.hidden || this.#shown?.close());
  }

  /** @returns {NoNotices | null} why this page cannot notify, whatever is chosen */
  get trouble() {
    if (!isSecureContext) return "insecure";
    if (!("Notification" in window) || this.#failed) return "unsupported";
    return Notification.permission === "denied" ? "denied" : null;
  }

  get allowed() {
    return this.trouble === null && Notification.permission === "granted";
  }

  /** Ask for the permission. To be called on a press: browsers refuse it to others, and people do not like it. */
  async ask() {
    if (this.trouble === null && !this.allowed) await Notification.requestPermission();
    if (this.allowed) this.show(t("js.alerts.notice"), t("js.alerts.sample"), true);
    return this.allowed;
  }

  /**
   * @param {string} title
   * @param {string} body
   * @param {boolean} silent
   */
  show(title, body, silent) {
    if (!this.allowed) return;
    try {
      const icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="icon"]')).href;
      const notice = new Notification(title, { body, silent, icon, tag: `gifchat/${this.#room}` });
      notice.addEventListener("click", () => {
        window.focus();
        notice.close();
      });
      this.#shown = notice;
    } catch {
      this.#failed = true; // Chrome on Android lets only service workers notify
    }
  }
}
