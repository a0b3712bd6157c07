/**
 * What the teacher has decided, as far as it concerns the reader: what is not allowed is not offered (allowed.js), and the
 * composer tells why nothing can be said now (silence_view.js, loaded when that is so for the first time).
 */

import { allow, teaches } from "../allowed.js";
import { Later } from "../later.js";

/**
 * @typedef {import("../wire.js").House} HouseView
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("./silence_view.js").default} SilenceView
 */

export class HouseSigns {
  #onThaw;
  #frozen = false;
  #silence;

  /**
   * @param {HTMLElement} page
   * @param {HTMLFormElement} form of the composer
   * @param {import("../socket.js").Socket} socket of /chat
   * @param {() => void} onThaw what waited until everybody may speak again can be sent
   */
  constructor(page, form, socket, onThaw) {
    const { room = "", frozen, slow } = page.dataset;
    this.#onThaw = onThaw;
    this.#silence = /** @type {Later<typeof import("./silence_view.js").default, SilenceView>} */ (
      new Later("silence", () => import("./silence_view.js"), (View) => new View(form, room), () => {}) // told by a refusal, too
    );
    this.room({ frozen: frozen !== undefined, slow: Number(slow ?? 0) });
    socket.on("house", (/** @type {HouseView} */ house) => allow(house));
    socket.on("muted", (/** @type {{room: string | null, until: string | null}} */ mute) => this.#tell((silence) => silence.mute(mute)));
  }

  /** @param {Pick<Room, "frozen" | "slow">} room as it is now */
  room(room) {
    const thaws = this.#frozen && !room.frozen;
    this.#frozen = Boolean(room.frozen);
    if (room.frozen || room.slow || this.#silence.wanted) this.#tell((silence) => silence.rules(room));
    if (thaws) this.#onThaw();
  }

  /** The reader has said something. */
  said() {
    this.#silence.made?.said();
  }

  /** Why nothing can be said now. @returns {string | null} */
  get refusal() {
    return this.#silence.made?.refusal ?? null;
  }

  /** @returns {string | null} why what is sent is refused, as the composer's `onChat` */
  refuse() {
    return this.#silence.made?.refuse() ?? null;
  }

  /** @param {(silence: SilenceView) => void} tell */
  #tell(tell) {
    if (!teaches()) this.#silence.tell(tell);
  }
}
