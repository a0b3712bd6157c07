/** The server's log of the lessons, the latest line at the end, as in its terminal. */

import { timeText } from "../inspector/list.js";
import { byId, copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";

/**
 * @typedef {object} Line LINE of docs/protocol.md
 * @property {string} at
 * @property {string} lesson
 * @property {"open" | "message" | "close"} event
 * @property {string} user
 * @property {string} [text] one's own message
 * @property {number} [length] of another's
 */

const MOST = 200;
const AT_END_PX = 24;

export class ServerLog {
  #list = byId("server-log");
  #scroll = /** @type {HTMLElement} */ (this.#list.parentElement);
  #user;

  /** @param {string} user the visitor's own colour */
  constructor(user) {
    this.#user = user;
  }

  /** @param {Line[]} lines oldest first */
  add(lines) {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const following = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    this.#list.append(...lines.map((line) => this.#line(line)));
    while (this.#list.children.length > MOST) this.#list.firstElementChild?.remove();
    part(this.#scroll, "log-none").hidden = this.#list.children.length > 0;
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** Start over: after a reconnect the server sends its last lines again. */
  clear() {
    this.#list.replaceChildren();
  }

  /** @param {Line} line */
  #line({ at, lesson, event, user, text, length }) {
    const element = copyOf("log-template");
    element.dataset.lesson = lesson;
    element.dataset.event = event;
    element.toggleAttribute("data-mine", user === this.#user);
    part(element, "time").textContent = timeText(Date.parse(at));
    part(element, "lesson").textContent = t(`js.lessons.short.${lesson}`);
    part(element, "event").textContent = t(`js.lessons.log.${event}`);
    fillChip(element, user);
    part(element, "text").textContent = text ?? (length === undefined ? "" : t("js.lessons.log.length", { length }));
    return element;
  }
}
