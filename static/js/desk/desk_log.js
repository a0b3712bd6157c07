/** What the desk did, newest first. */

import { Refusal, getJson } from "../http.js";
import { byId, copyOf, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { showTime } from "../when.js";
import { calledInText } from "../who.js";
import { logText } from "./log_text.js";

/**
 * @typedef {import("./desk_parts.js").DeskOffice} DeskOffice
 * @typedef {import("./log_text.js").LogEntry} LogEntry
 */

export class DeskLog {
  #dialog = byId("desk-log");
  #list = part(this.#dialog, "log");
  #state = part(this.#dialog, "state");
  #rooms;

  /** @param {DeskOffice} office */
  constructor({ rooms }) {
    this.#rooms = rooms;
  }

  async begin() {
    this.#state.textContent = t("js.desk.log.loading");
    try {
      const { log } = /** @type {{log: LogEntry[]}} */ (await getJson("/desk/log"));
      this.#list.replaceChildren(...log.map((entry) => this.#row(entry)));
      this.#state.textContent = log.length ? "" : t("js.desk.log.none");
    } catch (failure) {
      this.#state.textContent = failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
  }

  show() {}

  /** @param {LogEntry} entry a new one */
  add(entry) {
    this.#list.prepend(this.#row(entry));
    this.#state.textContent = "";
  }

  /** @param {LogEntry} entry */
  #row(entry) {
    const row = copyOf("log-template");
    showTime(/** @type {HTMLTimeElement} */ (part(row, "time")), entry.at);
    const title = entry.title ?? this.#rooms.get(entry.room ?? "")?.title ?? t("js.desk.log.gone_room");
    part(row, "text").textContent = logText({ ...entry, title }, { t, called: calledInText });
    return row;
  }
}
