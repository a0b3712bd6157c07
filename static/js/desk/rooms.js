/** What the desk knows of its rooms and of who is in them. Pure. */

import { isMatch } from "../lobby/matching.js";

/**
 * @typedef {import("../wire.js").DeskRoom} DeskRoom
 *
 * @typedef {object} Pupil a visitor, wherever they are.
 * @property {string} user
 * @property {string} [name]
 * @property {string} [seat] the label of their card
 * @property {"teacher"} [role]
 * @property {{room: DeskRoom, present: boolean, muted: boolean}[]} places
 */

/** So many rooms can be seen at a glance. */
const FEW = 6;

export class DeskRooms {
  /** In the order of the desk. @type {DeskRoom[]} */
  #rooms = [];

  get all() {
    return this.#rooms;
  }

  get many() {
    return this.#rooms.length > FEW;
  }

  /** @param {string} id */
  get(id) {
    return this.#rooms.find(({ _id }) => _id === id);
  }

  /** @param {DeskRoom[]} rooms all, newest first */
  replace(rooms) {
    // Sorting is stable: those without a place keep their order.
    const place = (/** @type {DeskRoom} */ { position = Infinity }) => position;
    this.#rooms = [...rooms].sort((one, other) => (place(one) === place(other) ? 0 : place(one) - place(other)));
  }

  /** @param {DeskRoom} room new or changed */
  put(room) {
    const known = this.#rooms.some(({ _id }) => _id === room._id);
    this.replace(known ? this.#rooms.map((old) => (old._id === room._id ? room : old)) : [room, ...this.#rooms]);
  }

  /** @param {string} id */
  remove(id) {
    this.#rooms = this.#rooms.filter(({ _id }) => _id !== id);
  }

  /** Those that can be put in order. */
  get kept() {
    return this.#rooms.filter(({ kept }) => kept);
  }

  /** @param {string[]} ids of kept rooms: their order from now on */
  arrange(ids) {
    const placed = (/** @type {DeskRoom} */ room) => {
      const at = ids.indexOf(room._id);
      return { ...room, position: at < 0 ? undefined : at + 1 };
    };
    this.replace(this.#rooms.map(placed));
  }

  /**
   * @param {string} id of a kept room
   * @param {number} by places: -1 is one up
   * @returns {string[] | null} the ids of all kept rooms as they would be then; null when it cannot be moved there
   */
  moved(id, by) {
    const ids = this.kept.map(({ _id }) => _id);
    const from = ids.indexOf(id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= ids.length || !by) return null;
    ids.splice(from, 1);
    ids.splice(to, 0, id);
    return ids;
  }

  /** @returns {Map<string, Pupil>} everybody who is in a room, by colour */
  pupils() {
    /** @type {Map<string, Pupil>} */
    const pupils = new Map();
    for (const room of this.#rooms) {
      for (const { user, name, seat, role, present, muted } of room.people) {
        const known = pupils.get(user) ?? { user, places: [] };
        known.name ??= name;
        known.seat ??= seat;
        known.role ??= role;
        known.places.push({ room, present, muted: Boolean(muted) });
        pupils.set(user, known);
      }
    }
    return pupils;
  }

  /**
   * @param {string} typed
   * @param {(user: string) => string[]} callings what somebody is called
   * @returns {DeskRoom[]} those that are meant, by their title or by somebody in them; all when nothing is typed
   */
  found(typed, callings) {
    if (!typed) return this.#rooms;
    const textsOf = (/** @type {DeskRoom} */ { title, people }) => [
      title,
      ...people.flatMap(({ user, seat = "" }) => [...callings(user), seat]),
    ];
    return this.#rooms.filter((room) => isMatch(typed, textsOf(room).filter(Boolean)));
  }
}

/**
 * @param {DeskRoom["people"]} people
 * @returns {DeskRoom["people"]} by seat, then those without one; of each, those who are away last
 */
export function seated(people) {
  const rank = (/** @type {DeskRoom["people"][number]} */ { seat, present }) => 2 * Number(!present) + Number(seat === undefined);
  return [...people].sort(
    (one, other) => rank(one) - rank(other) || (one.seat ?? "").localeCompare(other.seat ?? "", undefined, { numeric: true }),
  );
}
