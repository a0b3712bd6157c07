/** Which of the rooms a page of the lobby shows. Independent of the page's elements. */

/**
 * @typedef {import("../wire.js").Room} Room
 *
 * @typedef {object} Range
 * @property {number} first how many rooms are before the shown ones
 * @property {number} last how many there are up to the last of them
 * @property {number} total
 * @property {number} newer the number of the page before this one; 0: there is none
 * @property {number} older that of the page after it; 0: there is none
 */

export class LobbyPage {
  /** The largest number of rooms on a page. */
  size;
  #first;
  /** @type {string[]} the rooms shown last */
  #shown = [];

  /**
   * @param {number} first how many rooms are before the first one of the page
   * @param {number} size the largest number of rooms on a page
   * @param {string[]} shown the rooms on it
   */
  constructor(first, size, shown) {
    this.#first = first;
    this.size = size;
    this.#shown = shown;
  }

  /**
   * The first page begins with the newest room. Another one keeps the room that it begins with, or else the next one of
   * those it showed: what the reader looks at does not move when rooms come and go elsewhere.
   * @param {Room[]} rooms all, newest first
   * @returns {Room[]} those on the page
   */
  of(rooms) {
    if (this.#first) this.#first = this.#place(rooms);
    const shown = rooms.slice(this.#first, this.#first + this.size);
    this.#shown = shown.map(({ _id }) => _id);
    return shown;
  }

  /**
   * @param {number} total the number of rooms
   * @returns {Range}
   */
  range(total) {
    const last = this.#first + this.#shown.length;
    return {
      first: this.#first,
      last,
      total,
      newer: Math.ceil(this.#first / this.size),
      older: last < total ? Math.floor(last / this.size) + 1 : 0,
    };
  }

  /** @param {Room[]} rooms */
  #place(rooms) {
    const places = new Map(rooms.map(({ _id }, place) => [_id, place]));
    const kept = this.#shown.find((id) => places.has(id));
    const lastPage = Math.floor(Math.max(0, rooms.length - 1) / this.size) * this.size;
    return places.get(kept ?? "") ?? Math.min(this.#first, lastPage);
  }
}
