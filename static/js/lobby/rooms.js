// @ts-check
/** The rooms of the lobby, newest first. Knows nothing of the page. */

/** @typedef {import("../wire.js").Room} Room */

export class Rooms {
  /** @type {Map<string, Room>} */
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
   * @param {Room[]} rooms
   */
  replace(rooms) {
    this.#rooms = new Map(rooms.map((room) => [room._id, room]));
  }

  /** @param {string} id */
  get(id) {
    return this.#rooms.get(id);
  }

  /** @returns {Room[]} */
  newestFirst() {
    return [...this.#rooms.values()].sort(
      (a, b) => compare(b.createdAt, a.createdAt) || compare(b._id, a._id),
    );
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
