/**
 * The rooms of the lobby: first those that the teacher has put in an order, then the others, newest first. Independent
 * of the page.
 *
 * Newer is what arrived later from the server, whatever the date: its clock may have been corrected in between.
 */

/** @typedef {import("../wire.js").Room} Room */

export class Rooms {
  /** @type {Map<string, Room>} oldest first; a room that is put again keeps its position */
  #rooms = new Map();

  /** Whether these are all there are. */
  known = false;

  /** @param {Room} room new or updated */
  put(room) {
    this.#rooms.set(room._id, room);
  }

  /** @param {string} id */
  remove(id) {
    this.#rooms.delete(id);
  }

  /**
   * Replace all rooms.
   * @param {Room[]} rooms in order
   */
  replace(rooms) {
    this.#rooms = new Map(rooms.map((room) => /** @type {[string, Room]} */ ([room._id, room])).reverse());
    this.known = true;
  }

  /** @param {string} id */
  get(id) {
    return this.#rooms.get(id);
  }

  /** @returns {Room[]} */
  inOrder() {
    const all = [...this.#rooms.values()].reverse();
    const placed = all.filter(({ position }) => position !== undefined);
    placed.sort((one, other) => Number(one.position) - Number(other.position));
    return [...placed, ...all.filter(({ position }) => position === undefined)];
  }
}
