/** Whether the reader can say something in the room now, as the teacher has decided. Pure. */

/** @typedef {import("../wire.js").Room} Room */

export class Silence {
  #room;
  #frozen = false;
  #slow_ms = 0;
  /** Until when the reader can only read, by room; null: in all. @type {Map<string | null, number>} */
  #muted = new Map();
  #said = -Infinity;

  /** @param {string} room */
  constructor(room) {
    this.#room = room;
  }

  get frozen() {
    return this.#frozen;
  }

  /** @param {Pick<Room, "frozen" | "slow">} room as it is now */
  rules({ frozen = false, slow = 0 }) {
    this.#frozen = frozen;
    this.#slow_ms = slow * 1000;
  }

  /** @param {{room: string | null, until: string | null}} mute ISO 8601; null ends it */
  mute({ room, until }) {
    if (until !== null) this.#muted.set(room, Date.parse(until));
    else if (room === null) this.#muted.clear();
    else this.#muted.delete(room);
  }

  /** @param {number} now ms since the epoch */
  said(now) {
    this.#said = now;
  }

  /** @param {number} now @returns {number | null} until when the reader can only read */
  mutedUntil(now) {
    const until = Math.max(this.#muted.get(null) ?? 0, this.#muted.get(this.#room) ?? 0);
    return until > now ? until : null;
  }

  /** @param {number} now @returns {number} seconds until the next message, in slow mode */
  wait_s(now) {
    return Math.max(0, Math.ceil((this.#said + this.#slow_ms - now) / 1000));
  }
}
