/**
 * What a teacher who is in the room can do there, over the namespace of their desk: hold the room, and deal with a person.
 * Loaded for a teacher only.
 */

import { byId, part } from "../parts.js";
import { connect } from "../socket.js";
import { problemText, t } from "../texts.js";
import { calledInText, fillChip, ownNameOf } from "../who.js";

/**
 * @typedef {import("../wire.js").DeskSettings} DeskSettings
 * @typedef {import("../wire.js").Problem} Problem
 * @typedef {import("../wire.js").Room} Room
 * @typedef {import("./confirm.js").Confirm} Confirm
 */

const ANSWER_TIMEOUT_MS = 8000;
const MUTE_MINUTES = 10;

export default class Teacher {
  #room;
  #confirm;
  #socket = connect("/desk");
  #tools = byId("teacher-tools");
  #freeze = /** @type {HTMLInputElement} */ (part(this.#tools, "freeze"));
  #slow = /** @type {HTMLSelectElement} */ (part(this.#tools, "slow"));
  #dialog = /** @type {HTMLDialogElement} */ (byId("teacher-person"));
  #user = "";
  /** @type {DeskSettings["mutes"]} */
  #mutes = [];
  /** Why the desk is closed to this browser, if it is. @type {Problem | undefined} */
  #closed;

  /**
   * @param {string} room
   * @param {Confirm} confirm
   */
  constructor(room, confirm) {
    this.#room = room;
    this.#confirm = confirm;
    byId("screen-link").after(this.#tools);
    this.#freeze.addEventListener("change", () => this.#tell("freeze", { room, on: this.#freeze.checked }));
    this.#slow.addEventListener("change", () => this.#tell("slow", { room, seconds: Number(this.#slow.value) }));
    this.#dialog.addEventListener("click", ({ target }) => {
      const action = /** @type {Element} */ (target).closest("button")?.dataset.action;
      if (action) this.#chosen(action);
    });
    this.#socket.on("settings", (/** @type {DeskSettings} */ { mutes }) => {
      this.#mutes = mutes;
    });
    this.#socket.on("connect", () => (this.#closed = undefined));
    this.#socket.on("connect_error", (/** @type {Error & {data?: Problem}} */ { data }) => (this.#closed = data));
  }

  /** @param {Pick<Room, "frozen" | "slow">} room as it is now */
  room({ frozen = false, slow = 0 }) {
    this.#freeze.checked = frozen;
    if (![...this.#slow.options].some(({ value }) => Number(value) === slow)) {
      this.#slow.add(new Option(t("js.silence.seconds", { seconds: slow }), String(slow)));
    }
    this.#slow.value = String(slow);
  }

  /** @param {string} user whose actions to show */
  manage(user) {
    this.#user = user;
    fillChip(this.#dialog, user);
    const muted = this.#mutes.some((mute) => mute.user === user && (mute.room === null || mute.room === this.#room));
    const hidden = { mute: muted, unmute: !muted, unname: ownNameOf(user) === undefined };
    for (const [action, not] of Object.entries(hidden)) {
      /** @type {HTMLElement} */ (this.#dialog.querySelector(`[data-action="${action}"]`)).hidden = not;
    }
    this.#dialog.showModal();
  }

  /** @param {string} action */
  #chosen(action) {
    const user = this.#user;
    this.#dialog.close();
    if (action === "mute") this.#tell("mute", { user, room: null, minutes: MUTE_MINUTES });
    if (action === "unmute") this.#tell("mute", { user, room: null, minutes: 0 });
    if (action === "unname") this.#tell("names", { user, name: null });
    if (action !== "kick" && action !== "ban") return;
    this.#confirm.ask({
      question: t(`js.teacher.${action}_question`, { user: calledInText(user) }),
      yes: t(`js.teacher.${action}`),
      action: () => this.#ask(action, action === "kick" ? { room: this.#room, user } : { user }),
      focusAfter: byId("people-title"),
    });
  }

  /**
   * @param {string} event
   * @param {object} body
   */
  async #tell(event, body) {
    part(this.#tools, "trouble").textContent = (await this.#ask(event, body)) ?? "";
  }

  /**
   * @param {string} event
   * @param {object} body
   * @returns {Promise<string | null>} what went wrong
   */
  #ask(event, body) {
    if (this.#closed) return Promise.resolve(problemText(this.#closed));
    return new Promise((resolve) => {
      const onAnswer = (/** @type {Error | null} */ late, /** @type {{ok: true} | ({ok: false} & Problem)} */ answer) => {
        if (late) resolve(t("js.error.network"));
        else resolve(answer.ok ? null : problemText(answer));
      };
      this.#socket.timeout(ANSWER_TIMEOUT_MS).emit(event, body, onAnswer);
    });
  }
}
