/** The lobby's table: one row per room, in the given order. */

import { copyOf, fillChip, part } from "../parts.js";
import { t } from "../texts.js";

/** @typedef {import("../wire.js").Room} Room */

export class RoomTable {
  #body;
  /** The rooms in which the visitor had a place when the page was rendered; these ask for no password again. */
  #places;

  /** @param {HTMLTableSectionElement} body */
  constructor(body) {
    this.#body = body;
    this.#places = new Set(body.dataset.places?.split(" "));
  }

  /** @param {string} id of a room */
  hasPlace(id) {
    return this.#places.has(id);
  }

  /** @param {Room[]} rooms all there are */
  show(rooms) {
    const old = new Map(this.#rows().map((row) => [row.dataset.id, row]));
    let place = this.#body.firstElementChild;
    for (const room of rooms) {
      const row = old.get(room._id) ?? copyOf("room-template");
      old.delete(room._id);
      fill(row, room, this.hasPlace(room._id));
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
  const full = room.members >= room.max && !place;
  row.dataset.id = room._id;
  part(row, "title").textContent = room.title;
  part(row, "kind").textContent = t(room.password ? "js.lobby.private" : "js.lobby.open");
  part(row, "ephemeral").hidden = !room.ephemeral;
  part(row, "kept").hidden = !room.kept;
  part(row, "count").textContent = `${room.members}/${room.max}`;
  fillChip(row, room.owner);

  const button = /** @type {HTMLButtonElement} */ (row.querySelector(".join-btn"));
  button.dataset.id = room._id;
  button.dataset.password = String(room.password);
  button.disabled = full;
  button.textContent = t(full ? "js.lobby.full" : "js.lobby.enter");
}
