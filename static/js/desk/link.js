/** The desk's connection: what the server tells it, and what it asks. */

import { connect } from "../socket.js";

/**
 * @typedef {import("../wire.js").DeskRoom} DeskRoom
 * @typedef {import("../wire.js").DeskSettings} DeskSettings
 * @typedef {import("../wire.js").Refused} Refused
 * @typedef {import("./flags.js").Flag} Flag
 *
 * @typedef {object} DeskListener
 * @property {(settings: DeskSettings) => void} onSettings
 * @property {(rooms: DeskRoom[]) => void} onRooms all there are; first of all after each connecting
 * @property {(room: DeskRoom) => void} onRoom
 * @property {(id: string) => void} onRoomGone
 * @property {(flag: Flag) => void} onFlag
 * @property {(held: string) => void} onDecided
 * @property {(entry: import("./log_text.js").LogEntry) => void} onLog
 * @property {() => void} onHand somebody has raised their hand
 * @property {(seat: {seat: string, user: string, before: string | null, twice: boolean}) => void} onSeat
 * @property {() => void} onLost the connection is lost and will be tried again
 * @property {() => void} onExpelled this browser is not the teacher's any more
 */

/** The code of a refusal: this browser has no valid cookie of the desk. */
const EXPELLED = "not_teacher";

const ANSWER_TIMEOUT_MS = 8000;
const RETRY_MS = 3000;

/** A connection that was silent for longer may be dead: the server pings every 25 s. */
const SILENCE_MS = 30_000;

export class DeskLink {
  #socket = connect("/desk");
  #heard = Date.now();
  #onExpelled;

  /** @param {DeskListener} listener */
  constructor(listener) {
    const socket = this.#socket;
    this.#onExpelled = listener.onExpelled;
    socket.on("settings", listener.onSettings);
    socket.on("rooms", listener.onRooms);
    socket.on("room", listener.onRoom);
    socket.on("removeRoom", listener.onRoomGone);
    socket.on("flag", listener.onFlag);
    socket.on("unflag", ({ held }) => listener.onDecided(held));
    socket.on("log", listener.onLog);
    socket.on("seat", listener.onSeat);
    socket.on("hand", listener.onHand);
    socket.on("connect", () => this.#hear());
    socket.io.on("ping", () => this.#hear());
    socket.on("disconnect", (reason) => {
      listener.onLost();
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), RETRY_MS);
    });
    socket.on("connect_error", (/** @type {Error & {data?: {error?: string}}} */ failure) => {
      if (isExpelled(failure)) return listener.onExpelled();
      listener.onLost();
      // Refused by the server, as what comes too fast: the client does not try again by itself.
      if (!socket.active) setTimeout(() => socket.connect(), RETRY_MS);
    });
  }

  get connected() {
    return this.#socket.connected;
  }

  /** Whether what is asked when the page is left still gets to the server: a request is aborted then, a frame is not. */
  get asksWhenLeft() {
    return this.connected && this.#socket.io.engine?.transport.name === "websocket";
  }

  /**
   * @template {object} [Answer={}]
   * @param {string} event
   * @param {object} argument
   * @returns {Promise<({ok: true} & Answer) | Refused | null>} null when there was no answer
   */
  ask(event, argument) {
    // Nothing that a teacher did long ago is done when the connection is back.
    if (!this.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      const onAnswer = (/** @type {Error | null} */ late, /** @type {any} */ answer) => {
        if (answer?.error === EXPELLED) this.#onExpelled();
        resolve(late ? null : answer);
      };
      this.#socket.timeout(ANSWER_TIMEOUT_MS).emit(event, argument, onAnswer);
    });
  }

  /** The machine may have slept: a connection that may be dead is made anew. */
  wake() {
    if (!this.connected || Date.now() - this.#heard < SILENCE_MS) return;
    this.#socket.disconnect().connect();
  }

  #hear() {
    this.#heard = Date.now();
  }
}

/** @param {Error & {data?: {error?: string}}} failure */
const isExpelled = ({ message, data }) => data?.error === EXPELLED || message === EXPELLED;
