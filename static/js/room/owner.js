/** The owner's actions on people and on the room, loaded for an owner (owner_tools.js). */

import { depart } from "../depart.js";
import { Refusal, getJson, remove } from "../http.js";
import { byId, part } from "../parts.js";
import { problemText, t } from "../texts.js";
import { calledInText } from "../who.js";
import { Kicked } from "./kicked.js";
import { OwnerDialogs } from "./owner_dialogs.js";

/**
 * @typedef {import("../wire.js").ChatRecord} ChatRecord
 * @typedef {import("./confirm.js").Confirm} Confirm
 * @typedef {import("./room_header.js").RoomHeader} RoomHeader
 * @typedef {import("./link.js").RoomLink} RoomLink
 */

export default class Owner {
  #room;
  #link;
  #trouble = part(byId("owner-tools"), "trouble");
  #kicked = new Kicked();
  /** Counts kicks and readmissions: a list that was being fetched meanwhile may be out of date. */
  #changes = 0;
  #confirm;
  #dialogs;

  /** Whether this page is deleting the room. */
  ending = false;

  /**
   * @param {string} room
   * @param {RoomLink} link
   * @param {RoomHeader} header
   * @param {Confirm} confirm
   */
  constructor(room, link, header, confirm) {
    this.#room = room;
    this.#link = link;
    this.#confirm = confirm;
    this.#dialogs = new OwnerDialogs(room, header, (action, user) => this.#ask(action, user));
  }

  /** The room is another's now. */
  close() {
    this.#confirm.close();
    this.#dialogs.close();
  }

  /** @param {ChatRecord} record */
  observe({ event, subject }) {
    if (!subject) return;
    if (event === "join") this.#kicked.remove(subject); // readmitted from another tab
    if (event !== "kick") return;
    this.#changes++;
    this.#kicked.add(subject);
  }

  /** @param {string} user whose actions to show */
  manage(user) {
    this.#dialogs.manage(user);
  }

  /** @param {HTMLElement} button of the owner's tools */
  pressed(button) {
    const kicked = /** @type {HTMLElement | null} */ (button.closest("#kicked [data-user]"))?.dataset.user;
    if (kicked) this.#readmit(kicked);
    if (button.id === "settings-btn") this.#dialogs.openSettings();
    if (button.id === "delete-btn") this.#askToDelete();
  }

  /**
   * @param {"kick" | "handover"} what
   * @param {string} user
   */
  #ask(what, user) {
    this.#confirm.ask({
      question: t(`js.owner.${what}_question`, { user: calledInText(user) }),
      yes: t(`js.owner.${what}`),
      action: () => this.#request(what, user),
      focusAfter: byId("people-title"),
    });
  }

  #askToDelete() {
    this.#confirm.ask({
      question: t("js.owner.delete_question"),
      yes: t("js.owner.delete"),
      action: () => this.#delete(),
    });
  }

  /** @returns {Promise<string | null>} what went wrong */
  async #delete() {
    this.ending = true;
    try {
      await remove(`/room/${this.#room}`);
      depart("/");
      return null;
    } catch (failure) {
      this.ending = false;
      return failure instanceof Refusal ? problemText(failure.problem) : t("js.error.network");
    }
  }

  /** @param {string} user */
  async #readmit(user) {
    const trouble = await this.#request("readmit", user);
    this.#trouble.textContent = trouble ?? "";
    if (trouble !== null) return;
    this.#changes++;
    this.#kicked.remove(user);
  }

  /**
   * @param {"kick" | "handover" | "readmit"} event
   * @param {string} user
   * @returns {Promise<string | null>} what went wrong
   */
  async #request(event, user) {
    const answer = await this.#link.ask(event, { room: this.#room, user });
    if (answer === null) return t("js.error.network");
    return answer.ok ? null : problemText(answer);
  }

  /** At first, and when others may have been kicked without a record. */
  async fetchKicked() {
    try {
      const changes = this.#changes;
      const { kicked } = await getJson(`/room/${this.#room}/kicked`);
      if (changes !== this.#changes) return void this.fetchKicked();
      this.#kicked.replace(kicked);
    } catch {
      // New kicks are still added; only the earlier ones are missing.
    }
  }
}
