/** The lobby's live list of rooms, kept complete across lost connections. */

import { getJson } from "../http.js";

/**
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("../socket.js").Socket} Socket
 * @typedef {import("./rooms.js").Rooms} Rooms
 *
 * @typedef {object} FeedListener
 * @property {() => void} onChange a room was added, removed or updated
 * @property {() => void} onLost the connection is lost and will be retried: the list may be out of date
 * @property {() => void} onFresh the list is up to date
 */

const RETRY_MS = 3000;

export class LobbyFeed {
  #rooms;
  #listener;
  /**
   * Changes that arrived while the list was being fetched. They are applied to it, since it may be older than they are.
   * @type {(() => void)[] | null}
   */
  #held = null;

  /**
   * @param {Socket} socket of /room
   * @param {Rooms} rooms
   * @param {FeedListener} listener
   */
  constructor(socket, rooms, listener) {
    this.#rooms = rooms;
    this.#listener = listener;
    socket.on("newRoom", (/** @type {Room} */ room) => this.#change(() => rooms.put(room)));
    socket.on("updateRoom", (/** @type {Room} */ room) => this.#change(() => rooms.put(room)));
    socket.on("removeRoom", (/** @type {string} */ id) => this.#change(() => rooms.remove(id)));
    // Also the first time: rooms may have changed since the page was rendered.
    socket.on("connect", () => this.#refetch());
    socket.on("disconnect", (reason) => reason !== "io client disconnect" && this.#lost());
    socket.on("connect_error", () => {
      this.#lost();
      // Refused by the server, as what comes too fast: the client does not try again by itself.
      if (!socket.active) setTimeout(() => socket.connect(), RETRY_MS);
    });
  }

  /** @param {() => void} change */
  #change(change) {
    if (this.#held) return void this.#held.push(change);
    change();
    this.#listener.onChange();
  }

  #lost() {
    this.#held = null; // a fetch in progress is out of date
    this.#listener.onLost();
  }

  async #refetch() {
    /** @type {(() => void)[]} */
    const held = [];
    this.#held = held;
    try {
      const { rooms } = await getJson("/");
      if (this.#held !== held) return; // a newer connection fetches again
      this.#rooms.replace(rooms);
      for (const change of held) change();
      this.#held = null;
      this.#listener.onChange();
      this.#listener.onFresh();
    } catch {
      if (this.#held === held) setTimeout(() => this.#held === held && this.#refetch(), RETRY_MS);
    }
  }
}
