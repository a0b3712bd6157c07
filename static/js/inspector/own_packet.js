/**
 * A packet typed by hand, only for the lesson namespace `/`. It is explained while it is typed, and sent over a
 * separate connection, so that it cannot disturb the chat.
 */

import { part } from "../parts.js";
import { connect } from "../socket.js";
import { t } from "../texts.js";
import { showFields } from "./fields.js";
import { decodePacket } from "./frames.js";
import { tap } from "./tap.js";

/**
 * @typedef {import("../socket.js").Socket} Socket
 * @typedef {import("./tape.js").Tape} Tape
 */

/** Not CONNECT, which the client sends itself, and not the binary types, whose attachments cannot be typed. */
const ALLOWED = ["DISCONNECT", "EVENT", "ACK"];

export class OwnPacket {
  #form;
  #explained;
  #tape;
  #input;
  #state;
  /** @type {Socket | null} */
  #socket = null;
  /** @type {string[]} packets to send once connected */
  #waiting = [];

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} explained for the explanation
   * @param {Tape} tape records what is sent and received
   */
  constructor(form, explained, tape) {
    this.#form = form;
    this.#explained = explained;
    this.#tape = tape;
    this.#input = /** @type {HTMLInputElement} */ (form.elements.namedItem("packet"));
    this.#state = part(form, "state");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#explain()) this.#send(this.#input.value);
    });
    for (const event of ["input", "focus"]) this.#input.addEventListener(event, () => this.#explain());
    part(form, "disconnect").addEventListener("click", () => this.close());
  }

  /** Explain the field's current content. */
  show() {
    this.#explain();
  }

  /** Close the connection, if there is one. */
  close() {
    this.#waiting = [];
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#left("js.inspector.own.closed");
  }

  /** @returns {boolean} whether it may be sent */
  #explain() {
    const text = this.#input.value;
    const decoded = decodePacket(text);
    showFields(part(this.#explained, "raw"), part(this.#explained, "fields"), decoded);
    const refusal = text === "" || decoded.trouble ? "" : refused(decoded);
    part(this.#form, "refusal").textContent = refusal && t(refusal);
    const sendable = !decoded.trouble && !refusal;
    /** @type {HTMLButtonElement} */ (part(this.#form, "send")).disabled = !sendable;
    return sendable;
  }

  /** @param {string} text */
  #send(text) {
    this.#socket ??= this.#open();
    if (this.#socket.connected) this.#write(this.#socket, text);
    else this.#waiting.push(text);
  }

  #open() {
    this.#state.textContent = t("js.inspector.own.connecting");
    const socket = connect("/", { forceNew: true, reconnection: false });
    tap(socket, this.#tape);
    socket.on("connect", () => {
      part(this.#form, "disconnect").hidden = false;
      for (const text of this.#waiting.splice(0)) this.#write(socket, text);
    });
    socket.on("connect_error", ({ message }) => this.#left("js.inspector.own.refused", { reason: message }));
    socket.on("disconnect", (reason) => this.#left("js.inspector.own.ended", { reason }));
    return socket;
  }

  /**
   * @param {Socket} socket
   * @param {string} text
   */
  #write(socket, text) {
    socket.io.engine.write(text); // exactly as typed: `emit` would encode it
    this.#state.textContent = t("js.inspector.own.sent", { time: new Date().toLocaleTimeString() });
  }

  /**
   * @param {string} key
   * @param {Record<string, string>} [values]
   */
  #left(key, values) {
    if (!this.#socket) return;
    this.#socket.io.engine?.close(); // also when only the namespace was left
    this.#socket = null;
    this.#waiting = [];
    part(this.#form, "disconnect").hidden = true;
    this.#state.textContent = t(key, values);
  }
}

/**
 * The key of the text that says why a valid packet may not be sent from here, or "".
 * @param {import("./frames.js").Decoded} decoded
 */
function refused({ socket, namespace }) {
  if (namespace !== "/") return "js.inspector.own.namespace";
  if (socket === "CONNECT") return "js.inspector.own.connect";
  return ALLOWED.includes(String(socket)) ? "" : "js.inspector.own.type";
}
