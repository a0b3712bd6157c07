/** The lobby's table: one row per room of its page, in the given order. */

import { copyOf, part } from "../parts.js";
import { t } from "../texts.js";
import { fillChip } from "../who.js";

/**
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("./rooms.js").Rooms} Rooms
 */

export class RoomTable {
  #body;
  /** The rooms in which the visitor had a place when the page was rendered; these ask for no password again. */
  #places;
  /** @type {WeakMap<HTMLElement, Room>} what a row was filled with */
  #filled = new WeakMap();

  /** How many new rooms are at the end of the table until they can take their places. */
  late = 0;

  /** @param {HTMLTableSectionElement} body */
  constructor(body) {
    this.#body = body;
    this.#places = new Set(body.dataset.places?.split(" "));
    for (const row of this.#rows()) {
      if (this.hasPlace(row.dataset.id ?? "")) fillButton(row, false); // the server's row is the same for all readers
    }
    body.addEventListener("focusout", ({ target }) => {
      const button = /** @type {HTMLButtonElement} */ (target);
      button.disabled = button.getAttribute("aria-disabled") === "true";
    });
  }

  /** The rooms that it shows. */
  get ids() {
    return this.#rows().map((row) => row.dataset.id ?? "");
  }

  /** @param {string} id of a room */
  hasPlace(id) {
    return this.#places.has(id);
  }

  /** @returns {HTMLButtonElement | null} that of the first room that can be entered */
  get firstButton() {
    return this.#body.querySelector(".join-btn:enabled");
  }

  /** @param {Room[]} rooms all of the page; a changed one is another object */
  show(rooms) {
    this.late = 0;
    for (const row of this.#body.querySelectorAll("tr.gone")) if (!hasFocus(row)) row.remove();
    const wanted = new Set(rooms.map(({ _id }) => _id));
    const old = new Map(this.#rows().map((row) => [row.dataset.id ?? "", row]));
    for (const [id, row] of old) {
      if (wanted.has(id)) continue;
      if (hasFocus(row)) end(row);
      else row.remove();
    }
    let place = following(this.#body.firstElementChild);
    for (const room of rooms) {
      const row = old.get(room._id) ?? copyOf("room-template");
      this.#fill(row, room);
      // Leave a row in its place untouched: moving it would take the focus from its button.
      if (row === place) place = following(row.nextElementSibling);
      else this.#body.insertBefore(row, place);
    }
  }

  /**
   * Show changes without moving a row: new rooms are at the end, and those that are gone say so.
   * @param {Rooms} all
   * @param {Room[]} rooms those that should be shown
   */
  update(all, rooms) {
    const there = new Set();
    for (const row of this.#rows()) {
      const id = row.dataset.id ?? "";
      const room = all.get(id);
      there.add(id);
      if (room) this.#fill(row, room);
      else end(row);
    }
    for (const room of rooms) {
      if (there.has(room._id)) continue;
      const row = copyOf("room-template");
      this.#fill(row, room);
      this.#body.append(row);
      this.late++;
    }
  }

  /**
   * @param {HTMLElement} row
   * @param {Room} room
   */
  #fill(row, room) {
    if (this.#filled.get(row) !== room) fill(row, room, this.hasPlace(room._id));
    this.#filled.set(row, room);
  }

  #rows() {
    return /** @type {HTMLTableRowElement[]} */ ([...this.#body.querySelectorAll("tr[data-id]")]);
  }
}

/** @param {Element} row */
const hasFocus = (row) => row.contains(document.activeElement);

/**
 * @param {Element | null} row
 * @returns {Element | null} it, or the next one of a room that is still there
 */
function following(row) {
  let next = row;
  while (next?.matches(".gone")) next = next.nextElementSibling;
  return next;
}

/**
 * @param {HTMLElement} row
 * @param {Room} room
 * @param {boolean} place whether the visitor has one there
 */
function fill(row, room, place) {
  const { _id, title, owner, members, max, password } = room;
  const [heading, button] = [part(row, "title"), fillButton(row, members >= max && !place)];
  row.dataset.id = button.dataset.id = _id;
  button.dataset.password = String(password);
  heading.id = `title-${_id}`;
  button.id = `join-${_id}`;
  button.setAttribute("aria-labelledby", `${button.id} ${heading.id}`);
  heading.textContent = title;
  part(row, "count").textContent = `${members}/${max}`;
  fillChip(row, owner);
  showMarks(row, room);
}

/**
 * @param {HTMLElement} row
 * @param {Room} room
 */
function showMarks(row, { password, ephemeral, kept, frozen }) {
  const applies = { open: !password, private: password, ephemeral, kept, frozen };
  const wanted = Object.entries(applies).flatMap(([name, does]) => (does ? [name] : []));
  const shown = [...part(row, "marks").children].map((mark) => /** @type {HTMLElement} */ (mark).dataset.mark);
  if (shown.join() === wanted.join()) return;
  const marks = part(copyOf("room-template"), "marks");
  for (const mark of [...marks.children]) {
    if (!wanted.includes(/** @type {HTMLElement} */ (mark).dataset.mark ?? "")) mark.remove();
  }
  part(row, "marks").replaceWith(marks);
}

/**
 * @param {HTMLElement} row
 * @param {boolean} full
 */
function fillButton(row, full) {
  const button = block(row, full);
  button.querySelector("svg")?.toggleAttribute("hidden", !full);
  part(button, "action").textContent = t(full ? "js.lobby.full" : "js.lobby.enter");
  return button;
}

/**
 * Mark the row of a room that has ended.
 * @param {HTMLElement} row
 */
function end(row) {
  delete row.dataset.id;
  row.classList.add("gone");
  part(block(row, true), "action").textContent = t("js.lobby.gone");
}

/**
 * @param {HTMLElement} row
 * @param {boolean} blocked whether it cannot be entered
 */
function block(row, blocked) {
  const button = /** @type {HTMLButtonElement} */ (row.querySelector(".join-btn"));
  button.disabled = blocked && button !== document.activeElement; // it would lose the focus
  if (blocked) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  return button;
}
