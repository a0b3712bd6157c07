/** The list of a lane's passages, the latest on top. */

import { timeText } from "../inspector/list.js";
import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";

/** @typedef {import("./passage.js").Passage} Passage */

const MOST = 60;

export class Passages {
  #list;
  /** @type {WeakMap<Passage, HTMLElement>} */
  #lines = new WeakMap();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {Passage} passage */
  add(passage) {
    const line = copyOf("passage-template");
    this.#lines.set(passage, line);
    const { up, what, events, at } = passage;
    line.dataset.way = up ? "up" : "down";
    part(line, "way").textContent = up ? "↑" : "↓";
    part(line, "way-said").textContent = t(up ? "js.inspector.up" : "js.inspector.down");
    part(line, "time").textContent = timeText(performance.timeOrigin + at);
    const empty = !up && what === "answer" && events.length === 0 && passage.text === "";
    line.toggleAttribute("data-empty", empty);
    part(line, "text").textContent = empty ? t("js.lessons.nothing_new") : passage.text;
    this.update(passage);
    this.#list.prepend(line);
    while (this.#list.children.length > MOST) this.#list.lastElementChild?.remove();
  }

  /** @param {Passage} passage a listed one whose head is known now */
  update(passage) {
    const line = this.#lines.get(passage);
    if (!line) return;
    const { head, body, estimated } = passage;
    part(line, "size").textContent = `${estimated ? "≈" : ""}${head ?? "…"} + ${body} B`;
    part(line, "size").title = t("js.lessons.size", { head: head ?? "…", body });
  }

  clear() {
    this.#list.replaceChildren();
  }
}
