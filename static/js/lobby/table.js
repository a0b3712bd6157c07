/** The lobby's table: one row per room of its page, in the given order. */

import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";

/** @typedef {import("../wire.js").Room} Room */

export class RoomTable {
  #body;
  /** The rooms in which the visitor had a place when the page was rendered; these ask for no password again. */
  #places;
  /** @type {WeakMap<HTMLElement, Room>} what a row was filled with */
  #filled = new WeakMap();

  /** @param {HTMLTableSectionElement} body */
  constructor(body) {
    this.#body = body;
    this.#places = new Set(body.dataset.places?.split(" "));
    for (const row of this.#rows()) {
      if (this.hasPlace(row.dataset.id ?? "")) fillButton(row, false); // the server's row is the same for all readers
    }
  }

  /** The rooms that it shows. */
  get ids() {
    return this.#rows().map((row) => row.dataset.id ?? "");
  }

  /** @param {string} id of a room */
  hasPlace(id) {
    return this.#places.has(id);
  }

  /** @param {Room[]} rooms all of the page; a changed one is another object */
  show(rooms) {
    const old = new Map(this.#rows().map((row) => [row.dataset.id, row]));
    let place = this.#body.firstElementChild;
    for (const room of rooms) {
      const row = old.get(room._id) ?? copyOf("room-template");
      old.delete(room._id);
      if (this.#filled.get(row) !== room) fill(row, room, this.hasPlace(room._id));
      this.#filled.set(row, room);
      // Leave a row in its place untouched: moving it would take the focus from its button.
      if (row === place) place = row.nextElementSibling;
      else this.#body.insertBefore(row, place);
    }
    for (const row of old.values()) row.remove();
  }

  #rows() {
    return /** @type {HTMLTableRowElement[]} */ ([...this.#body.querySelectorAll("tr[data-id]")]);
  }
}

/**
 * @param {HTMLElement} row
 * @param {Room} room
 * @param {boolean} place whether the visitor has one there
 */
function fill(row, room, place) {
  row.dataset.id = room._id;
  part(row, "title").textContent = room.title;
  part(row, "kind").textContent = t(room.password ? "js.lobby.private" : "js.lobby.open");
  part(row, "ephemeral").hidden = !room.ephemeral;
  part(row, "kept").hidden = !room.kept;
  part(row, "count").textContent = `${room.members}/${room.max}`;
  fillChip(row, room.owner);

  const button = fillButton(row, room.members >= room.max && !place);
  button.dataset.id = room._id;
  button.dataset.password = String(room.password);
}

/**
 * @param {HTMLElement} row
 * @param {boolean} full
 */
function fillButton(row, full) {
  const button = /** @type {HTMLButtonElement} */ (row.querySelector(".join-btn"));
  button.disabled = full;
  button.textContent = t(full ? "js.lobby.full" : "js.lobby.enter");
  return button;
}
