/** Rooms made for the class, and the order of all: by buttons, the keyboard, or dragged. */

import { byId, copyOf, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { showKeyed } from "./keyed.js";
import { nextTitle } from "./lines.js";

/** @typedef {import("./desk_parts.js").DeskOffice} DeskOffice */

export class Prepare {
  #dialog = byId("desk-prepare");
  #form = /** @type {HTMLFormElement} */ (part(this.#dialog, "prepare-form"));
  #list = part(this.#dialog, "order");
  #trouble = part(this.#dialog, "trouble");
  #office;
  /** What is being dragged. @type {HTMLElement | null} */
  #dragged = null;

  /** @param {DeskOffice} office */
  constructor(office) {
    this.#office = office;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#make();
    });
    this.#list.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-by]"));
      if (button) this.#move(button, Number(button.dataset.by));
    });
    this.#list.addEventListener("keydown", (event) => {
      const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
      if (!by) return;
      event.preventDefault();
      this.#move(/** @type {HTMLElement} */ (event.target), by);
    });
    this.#letDrag();
  }

  begin() {
    this.#trouble.textContent = "";
  }

  /** Something has changed. */
  show() {
    if (this.#dragged) return;
    const rooms = this.#office.rooms.kept;
    for (const name of ["order-heading", "order-what"]) part(this.#dialog, name).hidden = rooms.length < 2;
    this.#list.hidden = rooms.length < 2;
    showKeyed(this.#list, rooms, {
      keyOf: ({ _id }) => _id,
      make: () => copyOf("order-template"),
      fill: (row, { _id, title }) => {
        const at = rooms.findIndex((room) => room._id === _id);
        part(row, "title").textContent = title;
        for (const button of row.querySelectorAll("button")) {
          const up = button.dataset.by === "-1";
          button.setAttribute("aria-label", t(up ? "js.desk.move_up" : "js.desk.move_down", { title }));
          button.setAttribute("aria-disabled", String(up ? at === 0 : at === rooms.length - 1));
        }
      },
    });
  }

  async #make() {
    const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(this.#form)));
    const { title, max, password, first } = fields;
    const room = { title, max: Number(max), ...(password && { password }), ...(first.trim() && { first }) };
    const answer = await this.#office.link.ask("prepare", room);
    this.#trouble.textContent = answer?.ok ? "" : answer ? problemText(answer) : t("js.error.network");
    if (!answer?.ok) return;
    this.#office.toasts.done(t("js.desk.did.prepare", { title }));
    this.#form.reset(); // a title that is missing is no mistake yet
    for (const [name, value] of Object.entries({ ...fields, title: nextTitle(title) })) this.#field(name).value = value;
    this.#field("title").select();
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  /**
   * @param {HTMLElement} button
   * @param {number} by
   */
  async #move(button, by) {
    const row = /** @type {HTMLElement} */ (button.closest("[data-key]"));
    const ids = this.#office.rooms.moved(row.dataset.key ?? "", by);
    if (!ids) return;
    await this.#arrange(ids);
    button.focus();
    part(this.#dialog, "moved").textContent = t("js.desk.moved", {
      title: part(row, "title").textContent ?? "",
      place: ids.indexOf(row.dataset.key ?? "") + 1,
      all: ids.length,
    });
  }

  /** @param {string[]} ids */
  async #arrange(ids) {
    const { acts, rooms } = this.#office;
    if (await acts.ask("arrange", { rooms: ids })) rooms.arrange(ids);
    this.show();
  }

  #letDrag() {
    const list = this.#list;
    list.addEventListener("dragstart", (event) => {
      this.#dragged = /** @type {HTMLElement} */ (/** @type {Element} */ (event.target).closest("[data-key]"));
      event.dataTransfer?.setData("text/plain", part(this.#dragged, "title").textContent ?? "");
    });
    list.addEventListener("dragover", (event) => {
      const over = /** @type {Element} */ (event.target).closest("[data-key]");
      if (!this.#dragged || !over) return;
      event.preventDefault();
      if (over === this.#dragged) return;
      const { top, height } = over.getBoundingClientRect();
      list.insertBefore(this.#dragged, event.clientY < top + height / 2 ? over : over.nextElementSibling);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", (event) => {
      const dropped = event.dataTransfer?.dropEffect !== "none";
      this.#dragged = null;
      if (dropped) this.#arrange([...list.children].map((row) => /** @type {HTMLElement} */ (row).dataset.key ?? ""));
      else this.show();
    });
  }
}
