/**
 * The rooms of the lobby, newest first. Knows nothing of the page.
 *
 * Newest is what the server told of last, not what has the latest date: its clock may have been put right in between.
 */

/** @typedef {import("../wire.js").Room} Room */

export class Rooms {
  /** @type {Map<string, Room>} the oldest first; one that is put again keeps its place */
  #rooms = new Map();

  /** @param {Room} room new, or in a newer state */
  put(room) {
    this.#rooms.set(room._id, room);
  }

  /** @param {string} id */
  remove(id) {
    this.#rooms.delete(id);
  }

  /**
   * Forget all that was known for what the server says now.
   * @param {Room[]} rooms newest first
   */
  replace(rooms) {
    this.#rooms = new Map(rooms.map((room) => /** @type {[string, Room]} */ ([room._id, room])).reverse());
  }

  /** @param {string} id */
  get(id) {
    return this.#rooms.get(id);
  }

  /** @returns {Room[]} */
  newestFirst() {
    return [...this.#rooms.values()].reverse();
  }
}
